import styles from "./Example.module.css";

/** A phrase, its `{slots}` set apart as places to fill in. */
export function Example({ text }: { text: string }) {
  const parts = text.split(/\{(\w+)\}/);
  return (
    <q className={styles["example"]}>
      {parts.map((part, index) =>
        index % 2 === 1 ? (
          <span key={`${index}-${part}`} className={styles["slot"]}>
            {part.replaceAll("_", " ")}
          </span>
        ) : (
          sentenceStart(part, index)
        ),
      )}
    </q>
  );
}

function sentenceStart(part: string, index: number): string {
  return index === 0 ? part.charAt(0).toUpperCase() + part.slice(1) : part;
}
