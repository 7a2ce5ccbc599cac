import { useEffect, useId, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import styles from "./TimeChart.module.css";

export interface Series {
  name: string;
  /** One of the colours of `TimeChart.module.css`. */
  tone: string;
  values: readonly (number | null)[];
}

const HEIGHT = 230;

/**
 * Figures over time, drawn by uPlot: bars that stand on each other, or lines. Pointing at a period
 * shows its figures; the same are in a table.
 */
export function TimeChart({
  title,
  periods,
  series,
  draw,
  format,
}: {
  title: string;
  /** What the periods are called. */
  periods: readonly string[];
  series: readonly Series[];
  draw: "bars" | "lines";
  format: (value: number) => string;
}) {
  const id = useId();
  const place = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLUListElement>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const theme = useTheme();

  const empty = series.every(({ values }) => values.every((value) => !value));

  useEffect(() => {
    const box = place.current;
    if (empty || !box || !legend.current) return;
    const colours = [...legend.current.querySelectorAll("i")].map((key) => getComputedStyle(key).color);
    const { color: ink, borderTopColor: line } = getComputedStyle(box);
    const axis: uPlot.Axis = {
      stroke: ink,
      font: "12px system-ui, sans-serif",
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
    };
    const shown = draw === "bars" ? stacked(series) : series;
    const chart = new uPlot(
      {
        width: box.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false, points: { show: draw === "lines" }, drag: { x: false, y: false } },
        scales: {
          x: { time: false, range: [-0.6, periods.length - 0.4] },
          y: { range: (_chart, _low, high) => [0, Math.max(high * 1.05, 1e-6)] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            space: 64,
            incrs: [1, 2, 5, 7, 10, 14, 28, 50, 100],
            values: (_chart, places) => places.map((at) => periods[at] ?? ""),
          },
          { ...axis, size: 58, values: (_chart, values) => values.map(format) },
        ],
        series: [
          {},
          ...shown.map(({ name }, index): uPlot.Series => {
            const stroke = colours[index] ?? ink;
            const bars = uPlot.paths.bars?.({ size: [0.72, 44] });
            return draw === "bars" && bars
              ? { label: name, stroke, fill: stroke, width: 0, paths: bars, points: { show: false } }
              : { label: name, stroke, width: 2, spanGaps: false, points: { show: true, size: 5, fill: stroke } };
          }),
        ],
        hooks: { setCursor: [({ cursor }) => setPointed(cursor.idx ?? null)] },
      },
      [periods.map((_name, index) => index), ...shown.map(({ values }) => [...values])] as uPlot.AlignedData,
      box,
    );
    const resized = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: HEIGHT }));
    resized.observe(box);
    return () => {
      resized.disconnect();
      chart.destroy();
    };
  }, [periods, series, draw, format, theme, empty]);

  const said = pointed === null ? "" : (periods[pointed] ?? "");
  const text = (value: number | null | undefined) => (value === null || value === undefined ? "–" : format(value));
  return (
    <figure className={styles["chart"]} aria-labelledby={id}>
      <figcaption id={id}>
        {title} <span aria-hidden="true">{said}</span>
      </figcaption>
      <ul ref={legend} className={styles["legend"]} aria-hidden="true">
        {series.map(({ name, tone, values }) => (
          <li key={name}>
            <i data-tone={tone} />
            {name} {pointed !== null && <b>{text(values[pointed])}</b>}
          </li>
        ))}
      </ul>
      <div ref={place} className={styles["place"]} aria-hidden={!empty} data-testid="chart">
        {empty && <p>None in this time.</p>}
      </div>
      <details className={styles["behind"]}>
        <summary>{title} as a table</summary>
        <div className={styles["scroll"]} tabIndex={0} role="group" aria-label={`${title}, table`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Period</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {periods.map((period, index) => (
                <tr key={`${index} ${period}`}>
                  <th scope="row">{period}</th>
                  {series.map(({ name, values }) => (
                    <td key={name}>{text(values[index])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

/** Each bar as high as itself and what stands below it; the whole pile is drawn first, at the back. */
function stacked(series: readonly Series[]): Series[] {
  return series.map((one, index) => ({
    ...one,
    values: one.values.map((_value, at) =>
      series.slice(index).reduce((sum, { values }) => sum + (values[at] ?? 0), 0),
    ),
  }));
}

/** Changes when light and dark do: a canvas keeps the colours that it was drawn in. */
function useTheme(): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const changed = () => setChanges((before) => before + 1);
    const system = matchMedia("(prefers-color-scheme: dark)");
    const chosen = new MutationObserver(changed);
    system.addEventListener("change", changed);
    chosen.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      system.removeEventListener("change", changed);
      chosen.disconnect();
    };
  }, []);
  return changes;
}
