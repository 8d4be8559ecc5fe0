import type { MetricView } from "../api/client";
import { number, plural } from "../shared/format";
import { SafeText } from "../shared/SafeText";

const [width, height] = [120, 20];

/** A run's metrics: the last value, and how it came there. */
export function Metrics({ metrics }: { metrics: MetricView[] }) {
  return (
    <table className="metrics">
      <tbody>
        {metrics.map((metric) => (
          <tr key={metric.key}>
            <th scope="row">
              <SafeText>{metric.key}</SafeText>
            </th>
            <td className="number" title={metric.last_text}>
              {metric.last === null ? metric.last_text : number(metric.last)}
            </td>
            <td>
              <Spark points={metric.points} label={metric.key} />
            </td>
            <td className="faint">{plural(metric.count, "point")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A line of the points in the order of their steps; a gap where a value is missing. */
function Spark({ points, label }: { points: MetricView["points"]; label: string }) {
  const values = points.flatMap(([, value]) => (value === null ? [] : [value]));
  if (values.length < 2) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (index: number): string => ((index / (points.length - 1)) * (width - 2) + 1).toFixed(1);
  const y = (value: number): string => (height - 2 - ((value - low) / (high - low || 1)) * (height - 4)).toFixed(1);
  let pen = "M";
  const path = points
    .map(([, value], index) => {
      if (value === null) {
        pen = "M";
        return "";
      }
      const part = `${pen}${x(index)} ${y(value)}`;
      pen = "L";
      return part;
    })
    .join("");
  return (
    <svg width={width} height={height} role="img" aria-label={`${label} from ${number(low)} to ${number(high)}`}>
      <path d={path} fill="none" stroke="var(--family-run)" strokeWidth="1.25" />
    </svg>
  );
}
