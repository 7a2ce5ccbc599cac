/** What was typed into a form: a document of JSON, whose places have dotted names. Pure. */

export type Json = { [name: string]: unknown };

/** The value at a place such as `task.questions.0.key`; undefined where there is none. */
export function valueAt(values: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, part) => {
    if (Array.isArray(value)) return value[Number(part)];
    return isObject(value) ? value[part] : undefined;
  }, values);
}

/** The document with another value at a place; lists and objects on the way are made. */
export function withValue(values: Json, path: string, value: unknown): Json {
  return replaced(values, path.split("."), value) as Json;
}

function replaced(before: unknown, [part, ...rest]: readonly string[], value: unknown): unknown {
  if (part === undefined) return value;
  if (Array.isArray(before) || (before === undefined && /^\d+$/.test(part))) {
    const list: unknown[] = Array.isArray(before) ? [...before] : [];
    list[Number(part)] = replaced(list[Number(part)], rest, value);
    return list;
  }
  const object = isObject(before) ? before : {};
  return { ...object, [part]: replaced(object[part], rest, value) };
}

/** The document as it is sent: what was left empty is left out. */
export function filledIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(filledIn).filter((each) => each !== undefined);
  if (!isObject(value)) return value === "" || value === null ? undefined : value;
  const entries = Object.entries(value).map(([name, each]) => [name, filledIn(each)] as const);
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined && !isEmpty(each)));
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return (Array.isArray(value) || isObject(value)) && Object.keys(value).length === 0;
}
