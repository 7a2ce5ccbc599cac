/** What is wrong with a request before it is sent; the service has the last word. Pure. */
import { type Schema, Validator } from "@cfworker/json-schema";
import type { Options } from "./options";
import { resolved, tasksOf } from "./schema";
import { isObject, type Json } from "./values";

/** What is wrong, by the dotted name of the field. */
export type Mistakes = ReadonlyMap<string, string>;

/** Checks a request as `POST /api/calls` takes it. */
export function mistakesIn(request: Json, { request: schema, countries }: Options): Mistakes {
  const mistakes = new Map<string, string>();
  const { task, ...call } = request;
  const properties = Object.entries(isObject(schema["properties"]) ? schema["properties"] : {});
  // The task has a schema of its own, by its type: so that a mistake is one of that type.
  const callSchema = { ...schema, properties: Object.fromEntries(properties.filter(([name]) => name !== "task")) };
  collect(mistakes, callSchema, call, schema, "");
  if (isObject(task)) {
    const taskSchema = tasksOf(schema).get(String(task["type"]));
    if (taskSchema) collect(mistakes, taskSchema, task, schema, "task.");
  }
  const number = mistakeInNumber(String(request["to"] ?? ""), countries);
  if (number) mistakes.set("to", number);
  return mistakes;
}

/** What keeps a number from being called; empty when nothing does that can be seen here. */
export function mistakeInNumber(number: string, countries: Options["countries"]): string {
  if (!number) return "The number to call is missing";
  if (!number.startsWith("+")) return "Begins with + and the code of the country";
  if (/[^+\d]/.test(number)) return "Digits only, without spaces";
  if (!/^\+[1-9]\d{6,14}$/.test(number)) return number.length < 8 ? "Too short" : "No number has so many digits";
  if (!countries.some(({ prefix }) => number.startsWith(prefix))) {
    const allowed = [...new Set(countries.map(({ prefix }) => prefix))].join(", ");
    return `Numbers of this country are not called from here, only ${allowed || "none"}`;
  }
  return "";
}

function collect(found: Map<string, string>, schema: Json, value: Json, document: Json, prefix: string): void {
  const whole = withoutFormats({ ...schema, $defs: document["$defs"] }) as Schema;
  for (const { keyword, keywordLocation, instanceLocation, error } of new Validator(whole, "2020-12", false).validate(value).errors) {
    const place = instanceLocation.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
    const missing = keyword === "required" ? /"([^"]+)"/.exec(error)?.[1] : undefined;
    const words = mistakeWords(keyword, limitAt(whole, keywordLocation, document));
    const path = prefix + [...place, ...(missing ? [missing] : [])].join(".");
    if (words && path && !found.has(path)) found.set(path, words);
  }
}

function mistakeWords(keyword: string, limit: unknown): string {
  switch (keyword) {
    case "required":
      return "This is missing";
    case "minLength":
      return "This is missing";
    case "maxLength":
      return `At most ${limit} characters`;
    case "minimum":
      return `At least ${limit}`;
    case "exclusiveMinimum":
      return `Above ${limit}`;
    case "maximum":
      return `At most ${limit}`;
    case "minItems":
      return `At least ${limit}`;
    case "maxItems":
    case "maxProperties":
      return `At most ${limit}`;
    case "type":
      return "Of the wrong kind";
    case "enum":
      return "None of the choices";
    case "pattern":
      return patternWords(String(limit));
    default:
      // What holds others together (`properties`, `anyOf`): those say it themselves.
      return "";
  }
}

function patternWords(pattern: string): string {
  if (pattern.startsWith("^\\+")) return "A number such as +14155550123";
  if (pattern.startsWith("^[a-z]")) return "Small letters, digits and _, a letter first";
  return "Not written like this";
}

/** The value of the keyword that refused. */
function limitAt(schema: unknown, location: string, document: Json): unknown {
  let found: unknown = schema;
  for (const part of location.replace(/^#\/?/, "").split("/").map(decodeURIComponent)) {
    if (part === "$ref" && isObject(found)) found = resolved(found, document);
    else found = isObject(found) || Array.isArray(found) ? (found as Json)[part] : undefined;
  }
  return found;
}

/** Moments are picked, and local: RFC 3339, which `format` stands for, wants a zone. */
function withoutFormats(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutFormats);
  if (!isObject(schema)) return schema;
  const { format: _format, ...rest } = schema;
  return Object.fromEntries(Object.entries(rest).map(([name, each]) => [name, withoutFormats(each)]));
}
