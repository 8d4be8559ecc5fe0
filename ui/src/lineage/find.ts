// Finding in the graph: which nodes match, the ones that start with the words first, then from left to right.

import type { Frame } from "./frame";

/** Nodes whose name, qualified name, or any shown column has all the words in it. */
export function findNodes(frame: Frame, wanted: string): number[] {
  const words = wanted.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const first = words[0] as string;
  const found: { node: number; starts: boolean }[] = [];
  for (let node = 0; node < frame.nodeCount; node += 1) {
    const name = frame.name(node).toLocaleLowerCase();
    if (words.every((word) => name.includes(word) || matches(frame, node, word))) {
      found.push({ node, starts: name.startsWith(first) });
    }
  }
  const { boxes } = frame;
  const x = (node: number) => boxes[node * 4] as number;
  const y = (node: number) => boxes[node * 4 + 1] as number;
  found.sort(
    (a, b) => Number(b.starts) - Number(a.starts) || x(a.node) - x(b.node) || y(a.node) - y(b.node) || a.node - b.node,
  );
  return found.map(({ node }) => node);
}

function matches(frame: Frame, node: number, word: string): boolean {
  if (frame.qualifiedName(node).toLocaleLowerCase().includes(word)) return true;
  const end = frame.columnStarts[node + 1] as number;
  for (let column = frame.columnStarts[node] as number; column < end; column += 1) {
    if (
      frame
        .text(frame.columns[column * 3] as number)
        .toLocaleLowerCase()
        .includes(word)
    )
      return true;
  }
  return false;
}
