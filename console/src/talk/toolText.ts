/** Tool calls in few words. */

/** Arguments on one line: `city Paris · guests 2`. */
export function inBrief(values: Record<string, unknown>): string {
  const parts = Object.entries(values).map(([name, value]) => {
    const shown = typeof value === "string" ? value : JSON.stringify(value);
    return `${name.replaceAll("_", " ")} ${shown}`;
  });
  return parts.length > 0 ? parts.join(" · ") : "no arguments";
}

/** What a result says about itself: its `summary`, else its text on one line. */
export function summaryOf(output: string, isError: boolean): string {
  const parsed = asJson(output);
  if (!isError && typeof parsed === "object" && parsed !== null && "summary" in parsed) {
    if (typeof parsed.summary === "string" && parsed.summary) return parsed.summary;
  }
  return output.replaceAll(/\s+/g, " ").trim() || "empty result";
}

/** JSON with line breaks; other text as it is. */
export function readable(output: string): string {
  const parsed = asJson(output);
  return typeof parsed === "object" && parsed !== null
    ? JSON.stringify(parsed, null, 2)
    : output || "(empty)";
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
