// From values to places, and the ticks beside them.

export interface Scale {
  min: number;
  max: number;
  log: boolean;
  place(value: number): number;
  value(place: number): number;
  ticks: number[];
}

/** `from` and `to` are where the least and the greatest lie, in pixels. */
export function scaleOf(min: number, max: number, from: number, to: number, log: boolean): Scale {
  const bent = log && min > 0;
  const map = bent ? Math.log10 : (value: number) => value;
  const back = bent ? (value: number) => 10 ** value : (value: number) => value;
  let [low, high] = [map(min), map(max)];
  if (!(high > low)) {
    const room = Math.abs(low) * 0.05 || 0.5;
    low -= room;
    high += room;
  }
  const place = (value: number): number => from + ((map(value) - low) / (high - low)) * (to - from);
  return {
    min: back(low),
    max: back(high),
    log: bent,
    place,
    value: (at) => back(low + ((at - from) / (to - from)) * (high - low)),
    ticks: bent ? logTicks(low, high) : ticksOf(low, high, Math.max(2, Math.floor(Math.abs(to - from) / 48))),
  };
}

/** About so many round numbers within the range. */
export function ticksOf(low: number, high: number, about: number): number[] {
  const raw = (high - low) / about;
  if (!(raw > 0) || !Number.isFinite(raw)) return [];
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = size * ([1, 2, 5, 10].find((one) => one * size >= raw) ?? 10);
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step); at * step <= high + step * 1e-9; at += 1) {
    ticks.push(Number((at * step).toPrecision(12)));
  }
  return ticks;
}

function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power += 1) {
    for (const one of high - low > 2 ? [1] : [1, 2, 5]) {
      const value = one * 10 ** power;
      if (Math.log10(value) >= low - 1e-9 && Math.log10(value) <= high + 1e-9) ticks.push(value);
    }
  }
  const skip = Math.ceil(ticks.length / 8);
  return ticks.filter((_, at) => at % skip === 0);
}
