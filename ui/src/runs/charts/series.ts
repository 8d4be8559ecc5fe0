// Histories of metrics as they come from Rust, and what is done to them before they are drawn.

export interface Series {
  run: string;
  metric: string;
  count: number;
  /** How many values were not finite and are left out. */
  notFinite: number;
  x: Float64Array;
  mean: Float64Array;
  min: Float64Array;
  max: Float64Array;
}
interface Head {
  run: string;
  metric: string;
  count: number;
  not_finite: number;
  points: number;
}

/** Reads the binary form: the header's length, the header as JSON, then numbers that lie where they can be used. */
export function decode(bytes: ArrayBuffer): Series[] {
  if (bytes.byteLength < 4) return [];
  const length = new DataView(bytes).getUint32(0, true);
  const heads = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length))) as Head[];
  let at = 4 + length;
  return heads.map((head) => {
    const take = (): Float64Array => {
      const values = new Float64Array(bytes, at, head.points);
      at += head.points * 8;
      return values;
    };
    const [x, mean, min, max] = [take(), take(), take(), take()] as const;
    return { run: head.run, metric: head.metric, count: head.count, notFinite: head.not_finite, x, mean, min, max };
  });
}

/** Exponential moving average that starts without a bias towards zero, as TensorBoard's does. */
export function smoothed(values: Float64Array, weight: number): Float64Array {
  if (weight <= 0) return values;
  const result = new Float64Array(values.length);
  let last = 0;
  for (let at = 0; at < values.length; at += 1) {
    last = last * weight + (1 - weight) * (values[at] as number);
    result[at] = last / (1 - weight ** (at + 1));
  }
  return result;
}

/** The range of all values, or of the middle 98 of 100 of them. */
export function rangeOf(parts: Iterable<ArrayLike<number>>, withOutliers: boolean, positive = false): [number, number] {
  const all: number[] = [];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 1) {
      const value = part[at] as number;
      if (positive && !(value > 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
      if (!withOutliers) all.push(value);
    }
  }
  if (withOutliers || all.length < 10) return [low, high];
  const sorted = Float64Array.from(all).sort();
  const at = (share: number): number => sorted[Math.round((sorted.length - 1) * share)] as number;
  return [at(0.01), at(0.99)];
}

/** The index of the point that lies nearest; the points are in order. */
export function nearest(x: Float64Array, wanted: number): number {
  let [low, high] = [0, x.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low > 0 && wanted - (x[low - 1] as number) < (x[low] as number) - wanted ? low - 1 : low;
}
