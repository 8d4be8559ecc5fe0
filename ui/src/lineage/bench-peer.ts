// The same lineage in React Flow, drawing only what is visible, for the bench.

import "@xyflow/react/dist/style.css";
import { ReactFlow } from "@xyflow/react";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import type { FrameInput } from "./testing/encode";

export async function reactFlow(
  stage: HTMLElement,
  input: FrameInput,
): Promise<{ target: Element; scale: () => number; facts: Record<string, number> }> {
  const start = performance.now();
  createRoot(stage).render(
    createElement(ReactFlow, {
      nodes: input.nodes.map((node) => ({
        id: node.id,
        position: { x: node.x, y: node.y },
        width: node.width,
        height: node.height,
        data: { label: node.name },
      })),
      edges: input.edges.map((edge, at) => ({
        id: String(at),
        source: (input.nodes[edge.from] as { id: string }).id,
        target: (input.nodes[edge.to] as { id: string }).id,
      })),
      fitView: true,
      minZoom: 0.001,
      onlyRenderVisibleElements: true,
      nodesDraggable: false,
    }),
  );
  let target: Element | null = null;
  while (!target) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    target = stage.querySelector(".react-flow__node") && stage.querySelector(".react-flow__pane");
  }
  const viewport = stage.querySelector<HTMLElement>(".react-flow__viewport");
  const scale = () => new DOMMatrix(viewport?.style.transform).a;
  return { target, scale, facts: { firstDrawMs: performance.now() - start } };
}
