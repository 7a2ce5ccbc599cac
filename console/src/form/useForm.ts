import { useCallback, useMemo, useState } from "react";
import type { Form } from "./FormRow";
import type { Mistakes } from "./mistakes";
import { filledIn, type Json, valueAt, withValue } from "./values";

const NONE: Mistakes = new Map();

export interface CheckedForm extends Form {
  /** What was filled in, as it is sent. */
  request: Json;
  mistakes: Mistakes;
  /** Shows every mistake from now on, also of fields that were never left. */
  showAll(): void;
  /** What the service said is wrong; each is shown until its field changes. */
  refuse(mistakes: Mistakes): void;
}

/** A form that is checked as it is typed. A mistake shows once its field was left. */
export function useForm(initial: Json, check: (request: Json) => Mistakes): CheckedForm {
  const [values, setValues] = useState(initial);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  const [refused, setRefused] = useState<Mistakes>(NONE);
  const request = useMemo(() => filledIn(values) as Json, [values]);
  const mistakes = useMemo(() => check(request), [check, request]);
  const set = useCallback((path: string, value: unknown) => {
    setValues((before) => withValue(before, path, value));
    setRefused((before) => new Map([...before].filter(([name]) => name !== path)));
  }, []);
  const leave = useCallback((path: string) => setLeft((before) => new Set(before).add(path)), []);
  return {
    request,
    mistakes,
    set,
    leave,
    valueAt: (path) => valueAt(values, path),
    mistakeAt: (path) => refused.get(path) ?? (all || left.has(path) ? (mistakes.get(path) ?? "") : ""),
    showAll: () => setAll(true),
    refuse: setRefused,
  };
}
