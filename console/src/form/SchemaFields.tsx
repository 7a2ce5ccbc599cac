import { Choices, Objects, Pairs } from "./Groups";
import { type Form, FormRow } from "./FormRow";
import type { FormField } from "./schema";

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
              {!field.default && <option value="">{noneOf(field)}</option>}
              {field.options.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          )}
        </FormRow>
      );
    case "yesNo":
      return (
        <FormRow field={field} form={form} path={path}>
          {(control) => (
            <select
              {...control}
              value={String(value ?? "")}
              onChange={({ target }) => form.set(path, target.value === "" ? "" : target.value === "true")}
            >
              <option value="">{noneOf(field)}</option>
              <option value="true">Yes</option>
              <option value="false">No</option>
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
              <input {...control} type={field.type} value={text} autoComplete="off" onChange={(event) => form.set(path, event.target.value)} />
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
    case "choices":
      return <Choices field={field} form={form} path={path} />;
    case "objects":
      return <Objects field={field} form={form} path={path} />;
    case "pairs":
      return <Pairs field={field} form={form} path={path} />;
  }
}

/** What a list of choices says before one is made. */
function noneOf({ required }: FormField): string {
  return required ? "Choose …" : "As usual";
}
