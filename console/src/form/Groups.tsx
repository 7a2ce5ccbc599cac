import { Button } from "../ui/Button";
import fieldStyles from "../ui/Field.module.css";
import { type Form, Says } from "./FormRow";
import type { FormField } from "./schema";
import { SchemaFields } from "./SchemaFields";
import styles from "./SchemaFields.module.css";
import { isObject } from "./values";

/** Some of a few values, each with a box to tick. */
export function Choices({ field, form, path }: { field: FormField & { kind: "choices" }; form: Form; path: string }) {
  const value = form.valueAt(path);
  const chosen = new Set(Array.isArray(value) ? value : []);
  return (
    <fieldset className={styles["group"]}>
      <legend>
        {field.label}
        {!field.required && <span> (optional)</span>}
      </legend>
      <div className={styles["choices"]}>
        {field.options.map((option, index) => (
          <label key={option.value}>
            <input
              type="checkbox"
              data-path={index === 0 ? path : undefined}
              checked={chosen.has(option.value)}
              onChange={({ target }) => {
                const now = field.options.filter((each) => (each === option ? target.checked : chosen.has(each.value)));
                form.set(path, now.map((each) => each.value));
              }}
            />
            {option.label}
          </label>
        ))}
      </div>
      <Says hint={field.hint} mistake={form.mistakeAt(path)} />
    </fieldset>
  );
}

/** Things of one kind, each with fields of its own. */
export function Objects({
  field,
  form,
  path,
}: {
  field: FormField & { kind: "objects" };
  form: Form;
  path: string;
}) {
  const value = form.valueAt(path);
  const items: readonly unknown[] = Array.isArray(value) ? value : Array.from({ length: field.atLeast }, () => ({}));
  const singular = field.label.replace(/s$/, "");
  const mistake = form.mistakeAt(path);
  return (
    <fieldset className={styles["group"]}>
      <legend>{field.label}</legend>
      {mistake && <Says hint="" mistake={mistake} />}
      {items.map((_item, index) => (
        // A list that only grows and shrinks: its place names an item.
        <fieldset key={index} className={styles["item"]}>
          <legend>
            {singular} {index + 1}
          </legend>
          <div className={styles["fields"]}>
            <SchemaFields fields={field.fields} form={form} path={`${path}.${index}`} />
          </div>
          {items.length > field.atLeast && (
            <Button look="quiet" icon="trash" onClick={() => form.set(path, items.toSpliced(index, 1))}>
              Remove {singular.toLowerCase()} {index + 1}
            </Button>
          )}
        </fieldset>
      ))}
      <Button look="quiet" onClick={() => form.set(path, [...items, {}])}>
        Add a {singular.toLowerCase()}
      </Button>
    </fieldset>
  );
}

/** Names with a text each. While they are typed they are a list, whose names may be double or empty. */
export function Pairs({ field, form, path }: { field: FormField; form: Form; path: string }) {
  const value = form.valueAt(path);
  const pairs = Object.entries(isObject(value) ? value : {});
  const replace = (index: number, name: string, text: string) => {
    const next = pairs.with(index, [name, text]);
    form.set(path, Object.fromEntries(next));
  };
  const names = new Set(pairs.map(([name]) => name));
  const mistake = form.mistakeAt(path);
  return (
    <fieldset className={styles["group"]}>
      <legend>{field.label}</legend>
      <Says hint={field.hint} mistake={mistake} />
      {pairs.map(([name, text], index) => (
        <div key={index} className={`${fieldStyles["controls"]} ${styles["pair"]}`}>
          <input
            aria-label={`${field.label}: name ${index + 1}`}
            placeholder="name"
            value={name}
            onChange={({ target }) => {
              if (target.value === name || !names.has(target.value)) replace(index, target.value, String(text));
            }}
          />
          <input
            aria-label={`${field.label}: text of ${name || index + 1}`}
            placeholder="text"
            value={String(text)}
            onChange={({ target }) => replace(index, name, target.value)}
          />
          <Button
            look="quiet"
            icon="cross"
            aria-label={`Remove ${name || index + 1}`}
            onClick={() => form.set(path, Object.fromEntries(pairs.toSpliced(index, 1)))}
          />
        </div>
      ))}
      <Button look="quiet" disabled={names.has("")} onClick={() => form.set(path, Object.fromEntries([...pairs, ["", ""]]))}>
        Add to {field.label.toLowerCase()}
      </Button>
    </fieldset>
  );
}
