/*
 * The test DOM can't draw. This context takes every call, so that what surrounds a canvas can be tested; what is drawn is
 * tested where the drawing lives.
 */
const blank = new Proxy(
  { measureText: (text: string) => ({ width: text.length * 7 }) },
  {
    get: (target, name) => (name in target ? Reflect.get(target, name) : () => blank),
    set: () => true,
  },
);

export function mockCanvas(): void {
  Object.defineProperty(HTMLCanvasElement.prototype, "getContext", { configurable: true, value: () => blank });
  const shapes = globalThis as { Path2D?: unknown; OffscreenCanvas?: unknown };
  shapes.Path2D ??= class {
    constructor() {
      // biome-ignore lint/correctness/noConstructorReturn: any path does
      return blank;
    }
  };
}
