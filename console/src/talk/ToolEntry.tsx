import { useState } from "react";
import type { ToolUse } from "../call/conversation";
import { duration } from "../call/wording";
import { Icon } from "../ui/Icon";
import { Row } from "./Row";
import { inBrief, readable, summaryOf } from "./toolText";
import styles from "./ToolEntry.module.css";

/** A tool call: name, arguments, time, and the result on demand. */
export function ToolEntry({ use }: { use: ToolUse }) {
  const { result } = use;
  const [open, setOpen] = useState(false);
  const state = result === null ? "running" : result.isError ? "failed" : "done";
  return (
    <Row label="Tool" at={use.at} tone="event">
      <details
        className={styles["tool"]}
        data-state={state}
        open={open}
        onToggle={(event) => setOpen(event.currentTarget.open)}
      >
        <summary>
          <Icon name="chevron" size={16} />
          <code className={styles["name"]}>{use.tool}</code>
          <span className={styles["state"]}>
            {result === null ? runningWords(use) : `${result.isError ? "failed, " : ""}${duration(result.durationMs)}`}
          </span>
          <span className={styles["brief"]} dir="auto">
            {result ? summaryOf(result.output, result.isError) : use.progress?.message || inBrief(use.arguments)}
          </span>
        </summary>
        <dl className={styles["detail"]}>
          <dt>Arguments</dt>
          <dd>
            <pre tabIndex={0}>{JSON.stringify(use.arguments, null, 2)}</pre>
          </dd>
          <dt>{result?.isError ? "Error" : "Result"}</dt>
          <dd>
            <pre tabIndex={0}>{result ? readable(result.output) : "…"}</pre>
          </dd>
        </dl>
      </details>
    </Row>
  );
}

/** That it runs, and how far it is where it tells that. */
function runningWords({ progress }: ToolUse): string {
  if (!progress?.total) return "running …";
  return `running, ${Math.round((100 * progress.done) / progress.total)} %`;
}
