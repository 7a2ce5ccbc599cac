import type { ReactNode } from "react";
import styles from "./BarTable.module.css";

export interface BarRow {
  key: string;
  name: ReactNode;
  /** What the bar stands for, and how far a second, paler one goes on. */
  value: number;
  upTo?: number;
  cells: readonly string[];
}

/** A table whose rows are drawn as well: a bar for each, as long as its share of the longest. */
export function BarTable({
  title,
  columns,
  rows,
}: {
  title: string;
  /** What the names are, and the cells. */
  columns: readonly [string, ...string[]];
  rows: readonly BarRow[];
}) {
  const longest = Math.max(...rows.map(({ value, upTo }) => upTo ?? value), 1e-9);
  const share = (value: number) => `${((100 * value) / longest).toFixed(2)}%`;
  return (
    <section className={styles["card"]} aria-label={title}>
      <h2>{title}</h2>
      {rows.length === 0 && <p className={styles["none"]}>None in this time.</p>}
      {rows.length > 0 && (
        <div className={styles["scroll"]} tabIndex={0} role="group" aria-label={`${title}, table`}>
          <table>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ key, name, value, upTo, cells }) => (
                <tr key={key}>
                  <th scope="row">
                    <span className={styles["name"]}>{name}</span>
                    <span className={styles["bar"]} aria-hidden="true">
                      {upTo !== undefined && <i data-pale="true" style={{ width: share(upTo) }} />}
                      <i style={{ width: share(value) }} />
                    </span>
                  </th>
                  {cells.map((cell, index) => (
                    <td key={columns[index + 1]}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
