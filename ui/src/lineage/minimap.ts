// All of the graph in a corner, with the part that is on screen; dragging in it moves the view.

import { visible } from "./camera";
import type { LineageCanvas } from "./canvas";
import { lookOf } from "./paint-nodes";
import type { Box } from "./scene";
import { bitmap } from "./shapes";

const MOST_NODES = 12_000;

export class Minimap {
  private picture: HTMLCanvasElement | null = null;
  private area: Box = { x: 0, y: 0, width: 1, height: 1 };
  private readonly abort = new AbortController();

  constructor(
    private readonly element: HTMLCanvasElement,
    private readonly graph: LineageCanvas,
  ) {
    const { signal } = this.abort;
    element.addEventListener(
      "pointerdown",
      (event) => {
        element.setPointerCapture(event.pointerId);
        this.jump(event);
        event.preventDefault();
      },
      { signal },
    );
    element.addEventListener(
      "pointermove",
      (event) => {
        if (element.hasPointerCapture(event.pointerId)) this.jump(event);
      },
      { signal },
    );
  }

  destroy(): void {
    this.abort.abort();
  }

  private get ratio(): number {
    return window.devicePixelRatio || 1;
  }

  private jump(event: PointerEvent): void {
    const factor = this.factor();
    const { camera, size } = this.graph;
    const x = this.area.x + event.offsetX / factor;
    const y = this.area.y + event.offsetY / factor;
    this.graph.moveTo({
      scale: camera.scale,
      x: x - size.width / camera.scale / 2,
      y: y - size.height / camera.scale / 2,
    });
  }

  private factor(): number {
    const { clientWidth, clientHeight } = this.element;
    return Math.min(clientWidth / this.area.width, clientHeight / this.area.height);
  }

  /** Draws the picture anew, after the graph or the theme changed. */
  rebuild(): void {
    const scene = this.graph.scene;
    this.picture = null;
    const { clientWidth, clientHeight } = this.element;
    if (!scene || scene.frame.nodeCount === 0 || clientWidth === 0) return;
    const { bounds } = scene;
    const margin = Math.max(bounds.width / clientWidth, bounds.height / clientHeight) * 6;
    let { x, y, width, height } = bounds;
    x -= margin;
    y -= margin;
    width += 2 * margin;
    height += 2 * margin;
    // As wide or high as the corner, so that the drawing sits in its middle.
    const factor = Math.min(clientWidth / width, clientHeight / height);
    const spareX = clientWidth / factor - width;
    const spareY = clientHeight / factor - height;
    this.area = { x: x - spareX / 2, y: y - spareY / 2, width: width + spareX, height: height + spareY };
    const picture = bitmap(clientWidth * this.ratio, clientHeight * this.ratio);
    const context = picture.getContext("2d");
    if (!context) return;
    const pixels = factor * this.ratio;
    context.setTransform(pixels, 0, 0, pixels, -this.area.x * pixels, -this.area.y * pixels);
    const { frame } = scene;
    const step = Math.max(1, frame.nodeCount / MOST_NODES);
    const look = this.graph.currentLook;
    for (let at = 0; at < frame.nodeCount; at += step) {
      const node = Math.floor(at);
      const box = scene.box(node);
      context.fillStyle = look.families[lookOf(frame.kind(node)).family].ink;
      context.fillRect(box.x, box.y, Math.max(box.width, 2 / pixels), Math.max(box.height, 1.5 / pixels));
    }
    this.picture = picture;
  }

  draw(): void {
    const { element, graph } = this;
    const view = visible(graph.camera, graph.size);
    const scene = graph.scene;
    const all =
      !scene ||
      (view.x <= scene.bounds.x &&
        view.y <= scene.bounds.y &&
        view.x + view.width >= scene.bounds.x + scene.bounds.width &&
        view.y + view.height >= scene.bounds.y + scene.bounds.height);
    const hidden = all || this.picture === null;
    if (element.dataset.idle !== String(hidden)) element.dataset.idle = String(hidden);
    if (hidden || !this.picture) return;
    const { ratio } = this;
    if (element.width !== this.picture.width) element.width = this.picture.width;
    if (element.height !== this.picture.height) element.height = this.picture.height;
    const context = element.getContext("2d");
    if (!context) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, element.width, element.height);
    context.drawImage(this.picture, 0, 0);
    const pixels = this.factor() * ratio;
    const look = graph.currentLook;
    const x = (view.x - this.area.x) * pixels;
    const y = (view.y - this.area.y) * pixels;
    const width = Math.max(view.width * pixels, 6);
    const height = Math.max(view.height * pixels, 6);
    context.fillStyle = look.accent;
    context.globalAlpha = 0.12;
    context.fillRect(x, y, width, height);
    context.globalAlpha = 1;
    context.strokeStyle = look.accent;
    context.lineWidth = 1.5 * ratio;
    context.strokeRect(x, y, width, height);
  }
}
