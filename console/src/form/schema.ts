/** The fields of a form, read from a JSON Schema as pydantic writes them, or as MCP has it for questions. Pure. */
import { spokenName } from "../call/team";
import { isObject, type Json } from "./values";

interface Common {
  name: string;
  /** As people read it. */
  label: string;
  hint: string;
  required: boolean;
}

export interface Option {
  value: string;
  label: string;
}

export type FormField = Common &
  (
    | { kind: "text"; long: boolean; type: "text" | "email" | "url" | "date"; maxLength: number | undefined }
    | { kind: "moment" }
    | { kind: "number"; whole: boolean; placeholder: string }
    | { kind: "choice"; options: readonly Option[]; default: string }
    /** Any of some values. */
    | { kind: "choices"; options: readonly Option[] }
    | { kind: "yesNo" }
    /** Lines of text. */
    | { kind: "texts" }
    | { kind: "objects"; fields: readonly FormField[]; atLeast: number }
    /** Names with a text each. */
    | { kind: "pairs" }
  );

/** Longer texts get more than a line. */
const LINE = 300;

/** The fields of an object's schema, in its order; `leaveOut` names those that are filled in otherwise. */
export function fieldsOf(schema: Json, document: Json = schema, leaveOut: readonly string[] = []): FormField[] {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(properties)
    .filter(([name]) => !leaveOut.includes(name))
    .map(([name, property]) => {
      const found = resolved(property, document);
      // The title of what a reference leads to names a type, not this field.
      const title = isObject(property) ? property["title"] : undefined;
      return fieldOf(name, labelOf(name, title), found, document, required.includes(name));
    })
    .filter((field) => field !== null);
}

/** What a form begins with: the defaults that its schema gives. */
export function presetsOf(schema: Json): Json {
  const properties = Object.entries(isObject(schema["properties"]) ? schema["properties"] : {});
  const presets = properties.map(([name, property]) => [name, isObject(property) ? property["default"] : undefined] as const);
  return Object.fromEntries(presets.filter(([, preset]) => preset !== undefined));
}

/** The values with the zone of this browser in each moment, which is picked without. */
export function withZones(values: Json, fields: readonly FormField[]): Json {
  const moments = fields.filter(({ kind, name }) => kind === "moment" && typeof values[name] === "string");
  const zoned = moments.map(({ name }) => [name, new Date(String(values[name]))] as const);
  const known = zoned.filter(([, moment]) => !Number.isNaN(moment.getTime()));
  return { ...values, ...Object.fromEntries(known.map(([name, moment]) => [name, moment.toISOString()])) };
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

function fieldOf(name: string, label: string, schema: Json, document: Json, required: boolean): FormField | null {
  if ("const" in schema) return null;
  const hint = typeof schema["description"] === "string" ? schema["description"] : "";
  const common = { name, label, hint, required };
  const preset = schema["default"];
  const options = optionsOf(schema);
  if (options) return { ...common, kind: "choice", options, default: typeof preset === "string" ? preset : "" };
  switch (schema["type"]) {
    case "string": {
      if (schema["format"] === "date-time") return { ...common, kind: "moment" };
      const maxLength = typeof schema["maxLength"] === "number" ? schema["maxLength"] : undefined;
      const long = (maxLength ?? 0) > LINE && /message|instructions|notes/.test(name);
      return { ...common, kind: "text", long, type: inputTypes[String(schema["format"])] ?? "text", maxLength };
    }
    case "integer":
    case "number": {
      const placeholder = typeof preset === "number" ? String(preset) : "";
      return { ...common, kind: "number", whole: schema["type"] === "integer", placeholder };
    }
    case "boolean":
      return { ...common, kind: "yesNo" };
    case "array": {
      const item = resolved(schema["items"], document);
      const choices = optionsOf(item);
      if (choices) return { ...common, kind: "choices", options: choices };
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

const inputTypes: Partial<Record<string, "email" | "url" | "date">> = { email: "email", uri: "url", date: "date" };

/** What may be chosen: an `enum`, with `enumNames` or without, or constants with a title each. */
function optionsOf(schema: Json): Option[] | null {
  const { enum: values, enumNames: names } = schema;
  if (Array.isArray(values)) {
    const titles = Array.isArray(names) ? names : [];
    return values.map((value, index) => ({ value: String(value), label: String(titles[index] ?? spokenName(String(value))) }));
  }
  const constants = schema["oneOf"] ?? schema["anyOf"];
  if (!Array.isArray(constants) || !constants.every((each) => isObject(each) && "const" in each)) return null;
  return (constants as Json[]).map(({ const: value, title }) => ({
    value: String(value),
    label: typeof title === "string" ? title : spokenName(String(value)),
  }));
}

/** `max_cost_usd` as people read it: `Max cost (USD)`; or the title, unless it is pydantic's `Max Cost Usd`. */
function labelOf(name: string, title: unknown): string {
  const spoken = name.replaceAll("_", " ");
  if (typeof title === "string" && title.toLowerCase() !== spoken.toLowerCase()) return title;
  const unit = { s: "seconds", usd: "USD" }[/_(s|usd)$/.exec(name)?.[1] ?? ""];
  const words = name.replace(/_(s|usd)$/, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1) + (unit ? ` (${unit})` : "");
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, part) => (isObject(found) ? found[part] : undefined), value);
}
