import { type KeyboardEvent, type PointerEvent, useState } from "react";
import { exact } from "../shared/format";

export interface Series {
  label: string;
  /** A colour of the tokens. */
  colour: string;
  /** One value for each step of time; nothing where nothing was measured. */
  values: (number | null)[];
  /** Bars of the same chart stand on each other; lines are drawn over them. */
  as: "bar" | "line";
}

interface ChartProps {
  title: string;
  series: Series[];
  /** When each step began. */
  times: number[];
  step: number;
  show(value: number): string;
}

const [width, height] = [600, 84];
const hour = 3_600_000;
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const when = (at: number, step: number): string =>
  step < 24 * hour ? exact(at) : step > 24 * hour ? `from ${day.format(at)}` : day.format(at);

/** A small chart over time. The value under the pointer, or chosen with the arrow keys, is said in its head. */
export function Chart({ title, series, times, step, show }: ChartProps) {
  const [at, setAt] = useState<number | null>(null);
  const count = times.length;
  const stacked = times.map((_, index) =>
    series.filter((one) => one.as === "bar").reduce((sum, one) => sum + (one.values[index] ?? 0), 0),
  );
  const lines = series.filter((one) => one.as === "line").flatMap((one) => one.values.flatMap((v) => v ?? []));
  const most = Math.max(...stacked, ...lines, 0);
  const least = Math.min(...lines, 0);
  const x = (index: number): number => (index / count) * width;
  const y = (value: number): number => height - ((value - least) / (most - least || 1)) * (height - 2);

  const move = (event: PointerEvent<HTMLElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    if (box.width > 0) {
      setAt(Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count))));
    }
  };
  const key = (event: KeyboardEvent): void => {
    const to = {
      ArrowLeft: (at ?? count) - 1,
      ArrowRight: at === null ? 0 : at + 1,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (event.key === "Escape" && at !== null) setAt(null);
    else if (to !== undefined) setAt(Math.min(count - 1, Math.max(0, to)));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const said = (index: number): string =>
    series
      .map((one) => {
        const value = one.values[index];
        return `${series.length > 1 ? `${one.label} ` : ""}${value == null ? "none" : show(value)}`;
      })
      .join(", ");

  return (
    <figure className="chart">
      <figcaption className="chart-head">
        <h3>{title}</h3>
        {series.length > 1 && (
          <span className="chart-legend" aria-hidden>
            {series.map((one) => (
              <span key={one.label}>
                <i data-as={one.as} style={{ background: one.colour }} />
                {one.label}
              </span>
            ))}
          </span>
        )}
        <span className="chart-value" aria-live="polite">
          {at !== null && times[at] !== undefined ? `${said(at)} · ${when(times[at], step)}` : `up to ${show(most)}`}
        </span>
      </figcaption>
      <div
        className="chart-plot"
        role="slider"
        tabIndex={0}
        aria-label={title}
        aria-valuemin={0}
        aria-valuemax={count - 1}
        aria-valuenow={at ?? count - 1}
        aria-valuetext={`${said(at ?? count - 1)}, ${when(times[at ?? count - 1] ?? 0, step)}`}
        onPointerMove={move}
        onPointerLeave={() => setAt(null)}
        onBlur={() => setAt(null)}
        onKeyDown={key}
      >
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
          {at !== null && <rect className="chart-mark" x={x(at)} y={0} width={width / count} height={height} />}
          {series
            .filter((one) => one.as === "bar")
            .map((one, place, bars) => (
              <path
                key={one.label}
                fill={one.colour}
                d={times
                  .map((_, index) => {
                    const value = one.values[index] ?? 0;
                    if (value <= 0) return "";
                    const below = bars.slice(0, place).reduce((sum, other) => sum + (other.values[index] ?? 0), 0);
                    const [top, bottom] = [y(below + value), y(below)];
                    const gap = count > 100 ? 0 : (width / count) * 0.14;
                    // However small, it is seen.
                    const tall = Math.max(1, bottom - top);
                    return `M${x(index) + gap} ${bottom}v${-tall}h${width / count - 2 * gap}v${tall}z`;
                  })
                  .join("")}
              />
            ))}
          {series
            .filter((one) => one.as === "line")
            .map((one) => (
              <path
                key={one.label}
                fill="none"
                stroke={one.colour}
                strokeWidth={1.5}
                strokeLinecap="round"
                vectorEffect="non-scaling-stroke"
                d={lineOf(one.values, (index) => x(index) + width / count / 2, y)}
              />
            ))}
        </svg>
      </div>
      <div className="chart-ends" aria-hidden>
        <span>{when(times[0] ?? 0, step)}</span>
        <span>{when(times[count - 1] ?? 0, step)}</span>
      </div>
    </figure>
  );
}

/** A line through the values that are there; one that stands alone is a short stroke. */
function lineOf(values: (number | null)[], x: (index: number) => number, y: (value: number) => number): string {
  let last = Number.NEGATIVE_INFINITY;
  return values
    .map((value, index) => {
      if (value === null) return "";
      const near = index - last <= 1;
      last = index;
      const alone = !near && values[index + 1] == null;
      const point = `${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
      return alone ? `M${(x(index) - 2).toFixed(1)} ${y(value).toFixed(1)}h4` : `${near ? "L" : "M"}${point}`;
    })
    .join("");
}
