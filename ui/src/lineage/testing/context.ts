// A 2D context that draws nothing and remembers what it was asked, for tests outside of a browser.

export interface Recorded {
  calls: { name: string; args: unknown[] }[];
}

const made = new WeakMap<HTMLCanvasElement, CanvasRenderingContext2D & Recorded>();

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D & Recorded {
  const known = made.get(canvas);
  if (known) return known;
  const calls: Recorded["calls"] = [];
  const values: Record<string, unknown> = { calls, canvas, font: "10px sans-serif", globalAlpha: 1 };
  const context = new Proxy(values, {
    get: (target, name: string) => {
      if (name in target) return target[name];
      if (name === "measureText") return (text: string) => ({ width: text.length * 6 });
      return (...args: unknown[]) => {
        calls.push({ name, args });
        return undefined;
      };
    },
    set: (target, name: string, value) => {
      target[name] = value;
      return true;
    },
  }) as unknown as CanvasRenderingContext2D & Recorded;
  made.set(canvas, context);
  return context;
}

/** Gives every canvas such a context, and a size. */
export function installCanvas(width = 800, height = 600): void {
  const { prototype } = HTMLCanvasElement;
  prototype.getContext = function getContext(this: HTMLCanvasElement) {
    return contextOf(this);
  } as unknown as typeof prototype.getContext;
  Object.defineProperty(prototype, "clientWidth", { configurable: true, get: () => width });
  Object.defineProperty(prototype, "clientHeight", { configurable: true, get: () => height });
  prototype.setPointerCapture ??= () => {};
  prototype.hasPointerCapture ??= () => false;
}

export const recordedOf = (canvas: HTMLCanvasElement): Recorded => contextOf(canvas);
