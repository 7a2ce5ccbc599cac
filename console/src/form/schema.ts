/** The fields of a form, read from a JSON Schema as pydantic writes them. Pure. */
import { isObject, type Json } from "./values";

interface Common {
  name: string;
  /** As people read it. */
  label: string;
  hint: string;
  required: boolean;
}

export type FormField = Common &
  (
    | { kind: "text"; long: boolean; maxLength: number | undefined }
    | { kind: "moment" }
    | { kind: "number"; whole: boolean; placeholder: string }
    | { kind: "choice"; options: readonly string[]; default: string }
    /** Lines of text. */
    | { kind: "texts" }
    | { kind: "objects"; fields: readonly FormField[]; atLeast: number }
    /** Names with a text each. */
    | { kind: "pairs" }
  );

/** Longer texts get more than a line. */
const LINE = 300;

/** The fields of an object's schema, in its order; `leaveOut` names those that are filled in otherwise. */
export function fieldsOf(schema: Json, document: Json, leaveOut: readonly string[] = []): FormField[] {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(properties)
    .filter(([name]) => !leaveOut.includes(name))
    .map(([name, property]) => {
      const found = resolved(property, document);
      return fieldOf(name, found, document, required.includes(name));
    })
    .filter((field) => field !== null);
}

/** The tasks that a request can be for: the name of each and the schema of what it needs. */
export function tasksOf(request: Json): Map<string, Json> {
  const task = resolved(at(request, "properties", "task"), request);
  const mapping = at(task, "discriminator", "mapping");
  const tasks = Object.entries(isObject(mapping) ? mapping : {});
  return new Map(tasks.map(([name, reference]) => [name, resolved({ $ref: reference }, request)]));
}

/** A schema without references and without `null`, which a form writes by leaving it empty. */
export function resolved(schema: unknown, document: Json): Json {
  if (!isObject(schema)) return {};
  const { $ref, anyOf, ...rest } = schema;
  if (typeof $ref === "string") {
    return { ...resolved(at(document, ...$ref.replace("#/", "").split("/")), document), ...rest };
  }
  if (Array.isArray(anyOf)) {
    const choices = anyOf.filter((choice) => !(isObject(choice) && choice["type"] === "null"));
    if (choices.length === 1) return { ...resolved(choices[0], document), ...rest };
  }
  return schema;
}

function fieldOf(name: string, schema: Json, document: Json, required: boolean): FormField | null {
  if ("const" in schema) return null;
  const hint = typeof schema["description"] === "string" ? schema["description"] : "";
  const common = { name, label: labelOf(name), hint, required };
  const preset = schema["default"];
  if (Array.isArray(schema["enum"])) {
    const options = schema["enum"].map(String);
    return { ...common, kind: "choice", options, default: typeof preset === "string" ? preset : "" };
  }
  switch (schema["type"]) {
    case "string": {
      if (schema["format"] === "date-time") return { ...common, kind: "moment" };
      const maxLength = typeof schema["maxLength"] === "number" ? schema["maxLength"] : undefined;
      return { ...common, kind: "text", long: (maxLength ?? 0) > LINE && /message|instructions|notes/.test(name), maxLength };
    }
    case "integer":
    case "number": {
      const placeholder = typeof preset === "number" ? String(preset) : "";
      return { ...common, kind: "number", whole: schema["type"] === "integer", placeholder };
    }
    case "array": {
      const item = resolved(schema["items"], document);
      if (item["type"] !== "object") return { ...common, kind: "texts" };
      const atLeast = typeof schema["minItems"] === "number" ? schema["minItems"] : 0;
      return { ...common, kind: "objects", fields: fieldsOf(item, document), atLeast };
    }
    case "object":
      return { ...common, kind: "pairs" };
    default:
      return null;
  }
}

/** `max_cost_usd` as people read it: `Max cost (USD)`. */
function labelOf(name: string): string {
  const unit = { s: "seconds", usd: "USD" }[/_(s|usd)$/.exec(name)?.[1] ?? ""];
  const words = name.replace(/_(s|usd)$/, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1) + (unit ? ` (${unit})` : "");
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, part) => (isObject(found) ? found[part] : undefined), value);
}
