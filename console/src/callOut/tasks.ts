/** What a call can be for. Pure. */
import { isObject, type Json, valueAt } from "../form/values";
import { resolved } from "../form/schema";

/** The tasks that a request can be for: the name of each and the schema of what it needs. */
export function tasksOf(request: Json): Map<string, Json> {
  const task = resolved(valueAt(request, "properties.task"), request);
  const mapping = valueAt(task, "discriminator.mapping");
  const tasks = Object.entries(isObject(mapping) ? mapping : {});
  return new Map(tasks.map(([name, reference]) => [name, resolved({ $ref: reference }, request)]));
}
