import type { Mistakes } from "./mistakes";

/** Leads to the first field of a form that is wrong. */
export function focusMistake(form: HTMLFormElement | null, mistakes: Mistakes): void {
  const fields = [...(form?.querySelectorAll<HTMLElement>("[data-path]") ?? [])];
  fields.find(({ dataset }) => mistakes.has(dataset["path"] ?? ""))?.focus();
}
