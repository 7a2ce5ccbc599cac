/** What is wrong with the values of a form, by their JSON Schema; the service has the last word. Pure. */
import { type Schema, Validator } from "@cfworker/json-schema";
import { resolved } from "./schema";
import { isObject, type Json } from "./values";

/** What is wrong, by the dotted name of the field. */
export type Mistakes = ReadonlyMap<string, string>;

/** What a schema finds wrong with an object. `document` has its `$defs`, `prefix` goes before each name. */
export function mistakesBySchema(schema: Json, value: Json, document: Json = schema, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  const whole = withoutMoments({ ...schema, $defs: document["$defs"] }) as Schema;
  for (const { keyword, keywordLocation, instanceLocation, error } of new Validator(whole, "2020-12", false).validate(value).errors) {
    const place = instanceLocation.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
    const missing = keyword === "required" ? /"([^"]+)"/.exec(error)?.[1] : undefined;
    const words = mistakeWords(keyword, limitAt(whole, keywordLocation, document));
    const path = prefix + [...place, ...(missing ? [missing] : [])].join(".");
    if (words && path && !found.has(path)) found.set(path, words);
  }
  return found;
}

function mistakeWords(keyword: string, limit: unknown): string {
  switch (keyword) {
    case "required":
      return "This is missing";
    case "minLength":
      return limit === 1 ? "This is missing" : `At least ${limit} characters`;
    case "maxLength":
      return `At most ${limit} characters`;
    case "minimum":
    case "minItems":
      return `At least ${limit}`;
    case "exclusiveMinimum":
      return `Above ${limit}`;
    case "maximum":
    case "maxItems":
    case "maxProperties":
      return `At most ${limit}`;
    case "exclusiveMaximum":
      return `Below ${limit}`;
    case "type":
      return limit === "integer" ? "A whole number" : "Of the wrong kind";
    case "enum":
      return "None of the choices";
    case "pattern":
      return patternWords(String(limit));
    case "format":
      return formatWords[String(limit)] ?? "Not written like this";
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

const formatWords: Partial<Record<string, string>> = {
  email: "An address such as name@example.org",
  uri: "An address such as https://example.org",
  date: "A date",
};

/** The value of the keyword that refused. */
function limitAt(schema: unknown, location: string, document: Json): unknown {
  let found: unknown = schema;
  for (const part of location.replace(/^#\/?/, "").split("/").map(decodeURIComponent)) {
    if (part === "$ref" && isObject(found)) found = resolved(found, document);
    else found = isObject(found) || Array.isArray(found) ? (found as Json)[part] : undefined;
  }
  return found;
}

/** Moments are picked, and local: RFC 3339, which their `format` stands for, wants a zone. */
function withoutMoments(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutMoments);
  if (!isObject(schema)) return schema;
  const kept = Object.entries(schema).filter(([name, each]) => name !== "format" || each !== "date-time");
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutMoments(each)]));
}
