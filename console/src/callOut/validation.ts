/** What is wrong with a request before it is sent; the service has the last word. Pure. */
import { type Mistakes, mistakesBySchema } from "../form/mistakes";
import { isObject, type Json } from "../form/values";
import type { Options } from "./options";
import { tasksOf } from "./tasks";

/** Checks a request as `POST /api/calls` takes it. */
export function mistakesIn(request: Json, { request: schema, countries }: Options): Mistakes {
  const { task, ...call } = request;
  const properties = Object.entries(isObject(schema["properties"]) ? schema["properties"] : {});
  // The task has a schema of its own, by its type: so that a mistake is one of that type.
  const callSchema = { ...schema, properties: Object.fromEntries(properties.filter(([name]) => name !== "task")) };
  const mistakes = mistakesBySchema(callSchema, call, schema);
  const taskSchema = isObject(task) ? tasksOf(schema).get(String(task["type"])) : undefined;
  if (isObject(task) && taskSchema) {
    for (const [path, words] of mistakesBySchema(taskSchema, task, schema, "task.")) mistakes.set(path, words);
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
