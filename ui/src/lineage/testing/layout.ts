// A plain layered layout for pages without Rust behind them: longest paths, barycentres, and rows pulled to neighbours.

export interface Placed {
  boxes: { x: number; y: number }[];
  routes: [number, number][][];
  /** Edges that run against the flow. */
  backward: Set<number>;
}

interface Item {
  node: number | null;
  height: number;
  y: number;
  up: number[];
  down: number[];
}

const GAP_X = 84;
const GAP_Y = 22;

export function layout(
  sizes: readonly { width: number; height: number }[],
  edges: readonly (readonly [number, number])[],
  sweeps = 8,
  backward = backEdges(sizes.length, edges),
): Placed {
  const forward = edges.map(([from, to], edge) => (backward.has(edge) ? ([to, from] as const) : ([from, to] as const)));
  const layerOf = longestPaths(sizes.length, forward);
  const items: Item[] = sizes.map(({ height }, node) => ({ node, height, y: 0, up: [], down: [] }));
  const layers: number[][] = [];
  const put = (item: number, layer: number) => {
    while (layers.length <= layer) layers.push([]);
    (layers[layer] as number[]).push(item);
  };
  sizes.forEach((_, node) => {
    put(node, layerOf[node] as number);
  });
  const chains = forward.map(([from, to]) => {
    const chain = [from];
    for (let layer = (layerOf[from] as number) + 1; layer < (layerOf[to] as number); layer += 1) {
      items.push({ node: null, height: 4, y: 0, up: [], down: [] });
      put(items.length - 1, layer);
      chain.push(items.length - 1);
    }
    chain.push(to);
    for (let at = 0; at + 1 < chain.length; at += 1) {
      const a = chain[at] as number;
      const b = chain[at + 1] as number;
      (items[a] as Item).down.push(b);
      (items[b] as Item).up.push(a);
    }
    return chain;
  });
  order(items, layers, sweeps);
  settle(items, layers, sweeps);
  const width = sizes.reduce((most, size) => Math.max(most, size.width), 0);
  const x = (layer: number) => layer * (width + GAP_X);
  return {
    boxes: sizes.map((_, node) => ({ x: x(layerOf[node] as number), y: (items[node] as Item).y })),
    routes: chains.map((chain, edge) => route(chain, items, sizes, layerOf, x, width, backward.has(edge))),
    backward,
  };
}

const HEADER = 52;

function route(
  chain: number[],
  items: Item[],
  sizes: readonly { width: number; height: number }[],
  layerOf: number[],
  x: (layer: number) => number,
  width: number,
  backward: boolean,
): [number, number][] {
  const from = chain[0] as number;
  const to = chain.at(-1) as number;
  const mid = (node: number) =>
    (items[node] as Item).y + Math.min((sizes[node] as { height: number }).height, HEADER) / 2;
  const points: [number, number][] = [
    [x(layerOf[from] as number) + (sizes[from] as { width: number }).width, mid(from)],
  ];
  chain.slice(1, -1).forEach((item, at) => {
    const left = x((layerOf[from] as number) + at + 1);
    const y = (items[item] as Item).y + 2;
    points.push([left, y], [left + width, y]);
  });
  points.push([x(layerOf[to] as number), mid(to)]);
  if (!backward) return points;
  // Against the flow: out of the source's left side and into the target's right one.
  return points.reverse();
}

function backEdges(nodes: number, edges: readonly (readonly [number, number])[]): Set<number> {
  const out: number[][] = Array.from({ length: nodes }, () => []);
  edges.forEach(([from], edge) => {
    (out[from] as number[]).push(edge);
  });
  const state = new Uint8Array(nodes);
  const back = new Set<number>();
  for (let root = 0; root < nodes; root += 1) {
    if (state[root]) continue;
    const stack: [number, number][] = [[root, 0]];
    state[root] = 1;
    while (stack.length > 0) {
      const top = stack.at(-1) as [number, number];
      const edge = (out[top[0]] as number[])[top[1]];
      top[1] += 1;
      if (edge === undefined) {
        state[top[0]] = 2;
        stack.pop();
        continue;
      }
      const next = (edges[edge] as readonly [number, number])[1];
      if (state[next] === 1) back.add(edge);
      else if (state[next] === 0) {
        state[next] = 1;
        stack.push([next, 0]);
      }
    }
  }
  return back;
}

function longestPaths(nodes: number, edges: readonly (readonly [number, number])[]): number[] {
  const layer: number[] = new Array(nodes).fill(0);
  const waiting = new Uint32Array(nodes);
  const out: number[][] = Array.from({ length: nodes }, () => []);
  for (const [from, to] of edges) {
    if (from === to) continue;
    (out[from] as number[]).push(to);
    waiting[to] = (waiting[to] as number) + 1;
  }
  const queue: number[] = [];
  for (let node = 0; node < nodes; node += 1) if (waiting[node] === 0) queue.push(node);
  for (let at = 0; at < queue.length; at += 1) {
    const node = queue[at] as number;
    for (const next of out[node] as number[]) {
      layer[next] = Math.max(layer[next] as number, (layer[node] as number) + 1);
      waiting[next] = (waiting[next] as number) - 1;
      if (waiting[next] === 0) queue.push(next);
    }
  }
  // Sources go next to what they feed.
  for (let node = 0; node < nodes; node += 1) {
    const nexts = out[node] as number[];
    if (layer[node] === 0 && nexts.length > 0)
      layer[node] = Math.min(...nexts.map((next) => layer[next] as number)) - 1;
  }
  return layer;
}

function order(items: Item[], layers: number[][], sweeps: number): void {
  const place = new Float64Array(items.length);
  const number = (layer: number[]) =>
    layer.forEach((item, at) => {
      place[item] = at;
    });
  layers.forEach(number);
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : [...layers].reverse()) {
      const centre = new Map<number, number>();
      for (const item of layer) {
        const near = down ? (items[item] as Item).up : (items[item] as Item).down;
        const sum = near.reduce((total, other) => total + (place[other] as number), 0);
        centre.set(item, near.length > 0 ? sum / near.length : (place[item] as number));
      }
      layer.sort((a, b) => (centre.get(a) as number) - (centre.get(b) as number));
      number(layer);
    }
  }
}

/** Rows near the middle of their neighbours, in order and without overlap. */
function settle(items: Item[], layers: number[][], sweeps: number): void {
  for (const layer of layers) {
    let y = 0;
    for (const item of layer) {
      (items[item] as Item).y = y;
      y += (items[item] as Item).height + GAP_Y;
    }
    for (const item of layer) (items[item] as Item).y -= y / 2;
  }
  const centre = (item: Item) => item.y + Math.min(item.height, HEADER) / 2;
  for (let sweep = 0; sweep < sweeps * 2; sweep += 1) {
    for (const layer of sweep % 2 === 0 ? layers : [...layers].reverse()) {
      const wish = layer.map((at) => {
        const item = items[at] as Item;
        const near = sweep % 2 === 0 ? item.up : item.down;
        const among = near.length > 0 ? near : [...item.up, ...item.down];
        if (among.length === 0) return item.y;
        const sum = among.reduce((total, other) => total + centre(items[other] as Item), 0);
        return sum / among.length - Math.min(item.height, HEADER) / 2;
      });
      pack(layer, items, wish);
    }
  }
}

/** The nearest rows to those wished for that keep the order: runs that overlap are merged and moved together. */
function pack(layer: number[], items: Item[], wish: number[]): void {
  const blocks: { first: number; last: number; sum: number; height: number }[] = [];
  layer.forEach((at, index) => {
    const height = (items[at] as Item).height + GAP_Y;
    blocks.push({ first: index, last: index, sum: wish[index] as number, height });
    while (blocks.length > 1) {
      const b = blocks.at(-1) as (typeof blocks)[0];
      const a = blocks.at(-2) as (typeof blocks)[0];
      const top = a.sum / (a.last - a.first + 1);
      if (top + a.height <= b.sum / (b.last - b.first + 1)) break;
      blocks.pop();
      a.sum += b.sum - (b.last - b.first + 1) * a.height;
      a.last = b.last;
      a.height += b.height;
    }
  });
  for (const block of blocks) {
    let y = block.sum / (block.last - block.first + 1);
    for (let index = block.first; index <= block.last; index += 1) {
      const item = items[layer[index] as number] as Item;
      item.y = y;
      y += item.height + GAP_Y;
    }
  }
}
