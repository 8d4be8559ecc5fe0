import { decodeFrame, type Frame } from "../frame";
import { Scene } from "../scene";
import { type EdgeInput, encodeFrame, type FrameInput, type NodeInput } from "./encode";
import { storyId, totalsOf } from "./story";

/** A frame of 100 by 52 boxes at the given places, joined by straight routes. */
export function frameOf(
  places: readonly [x: number, y: number][],
  edges: readonly (readonly [from: number, to: number, flags?: number])[],
  change: (nodes: NodeInput[]) => void = () => {},
): Frame {
  const nodes = places.map(
    ([x, y], at): NodeInput => ({
      id: storyId(at),
      kind: "dataset",
      name: `table_${at}`,
      level: 0,
      x,
      y,
      width: 100,
      height: 52,
    }),
  );
  change(nodes);
  const input: FrameInput = {
    band: "asset",
    headerHeight: 52,
    rowHeight: 20,
    nodes,
    edges: edges.map(([from, to, flags]): EdgeInput => {
      const a = places[from] as [number, number];
      const b = places[to] as [number, number];
      return {
        from,
        to,
        kind: "derives_from",
        flags: flags ?? 0,
        route: [
          [a[0] + 100, a[1] + 26],
          [b[0], b[1] + 26],
        ],
      };
    }),
    totals: totalsOf(nodes, edges.length),
  };
  return viewOf(input);
}

export function viewOf(input: FrameInput): Frame {
  const frame = decodeFrame(encodeFrame(input));
  if (frame.reply !== "view") throw new Error("the frame is too large");
  return frame;
}

export const sceneOf = (...args: Parameters<typeof frameOf>): Scene => new Scene(frameOf(...args));

/** A diamond with a tail: 0 feeds 1 and 2, both feed 3, 3 feeds 4; 5 stands alone. */
export const diamond: Parameters<typeof frameOf> = [
  [
    [0, 100],
    [200, 0],
    [200, 200],
    [400, 100],
    [600, 100],
    [0, 400],
  ],
  [
    [0, 1],
    [0, 2],
    [1, 3],
    [2, 3],
    [3, 4],
  ],
];
