import { type ReactNode, useId } from "react";
import { spokenName } from "../call/team";
import { Button } from "../ui/Button";
import type { FormField } from "./schema";
import styles from "./SchemaFields.module.css";
import { isObject } from "./values";

/** A form as far as its fields need it. Paths are dotted names such as `task.questions.0.key`. */
export interface Form {
  valueAt(path: string): unknown;
  set(path: string, value: unknown): void;
  /** What is wrong with a field, once it was left or the form was sent; empty otherwise. */
  mistakeAt(path: string): string;
  leave(path: string): void;
}

/** The fields that a schema has, each with what is wrong with it. */
export function SchemaFields({ fields, form, path }: { fields: readonly FormField[]; form: Form; path: string }) {
  return fields.map((field) => (
    <SchemaField key={field.name} field={field} form={form} path={path ? `${path}.${field.name}` : field.name} />
  ));
}

function SchemaField({ field, form, path }: { field: FormField; form: Form; path: string }) {
  const value = form.valueAt(path);
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  switch (field.kind) {
    case "choice":
      return (
        <FormRow field={field} form={form} path={path}>
          {(control) => (
            <select {...control} value={text || field.default} onChange={(event) => form.set(path, event.target.value)}>
              {!field.default && <option value="">As usual</option>}
              {field.options.map((option) => (
                <option key={option} value={option}>
                  {spokenName(option)}
                </option>
              ))}
            </select>
          )}
        </FormRow>
      );
    case "number":
      return (
        <FormRow field={field} form={form} path={path}>
          {(control) => (
            <input
              {...control}
              type="number"
              step={field.whole ? 1 : "any"}
              placeholder={field.placeholder}
              value={text}
              onChange={({ target }) => form.set(path, target.value === "" ? "" : Number(target.value))}
            />
          )}
        </FormRow>
      );
    case "moment":
      return (
        <FormRow field={field} form={form} path={path}>
          {(control) => (
            <input {...control} type="datetime-local" value={text} onChange={(event) => form.set(path, event.target.value)} />
          )}
        </FormRow>
      );
    case "text":
      return (
        <FormRow field={field} form={form} path={path} wide={field.long}>
          {(control) =>
            field.long ? (
              <textarea {...control} rows={4} value={text} onChange={(event) => form.set(path, event.target.value)} />
            ) : (
              <input {...control} value={text} autoComplete="off" onChange={(event) => form.set(path, event.target.value)} />
            )
          }
        </FormRow>
      );
    case "texts":
      return (
        <FormRow field={{ ...field, hint: field.hint || "One a line." }} form={form} path={path}>
          {(control) => (
            <textarea
              {...control}
              rows={2}
              value={Array.isArray(value) ? value.join("\n") : ""}
              onChange={({ target }) => form.set(path, target.value === "" ? [] : target.value.split("\n"))}
            />
          )}
        </FormRow>
      );
    case "objects":
      return <Objects field={field} form={form} path={path} />;
    case "pairs":
      return <Pairs field={field} form={form} path={path} />;
  }
}

interface Control {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string;
  "aria-required": boolean;
  onBlur: () => void;
  "data-path": string;
}

/** A label, a control, what it is for, and what is wrong with it. */
export function FormRow({
  field: { label, hint, required },
  form,
  path,
  wide = false,
  children,
}: {
  field: { label: string; hint: ReactNode; required: boolean };
  form: Form;
  path: string;
  wide?: boolean;
  children: (control: Control) => ReactNode;
}) {
  const id = useId();
  const mistake = form.mistakeAt(path);
  return (
    <div className={styles["row"]} data-wide={wide}>
      <label htmlFor={id}>
        {label}
        {!required && <span> (optional)</span>}
      </label>
      {children({
        id,
        "aria-invalid": mistake !== "",
        "aria-describedby": `${id}-says`,
        "aria-required": required,
        onBlur: () => form.leave(path),
        "data-path": path,
      })}
      <p id={`${id}-says`} className={styles["says"]} data-wrong={mistake !== ""}>
        {mistake || hint}
      </p>
    </div>
  );
}

function Objects({
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
      {mistake && <p className={styles["says"]} data-wrong="true">{mistake}</p>}
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
function Pairs({ field, form, path }: { field: FormField; form: Form; path: string }) {
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
      <p className={styles["says"]} data-wrong={mistake !== ""}>
        {mistake || field.hint}
      </p>
      {pairs.map(([name, text], index) => (
        <div key={index} className={styles["pair"]}>
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
