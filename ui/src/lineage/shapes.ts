// The kinds' icons as drawings: read from the app's own SVG icons, kept as small bitmaps by colour and size.

/** An icon of 24 by 24 units, drawn with a stroke. */
export type Shape = { path: Path2D; markup: string };

/** What an SVG icon draws, whatever elements it is made of. */
export function readShape(svg: SVGElement): Shape {
  const path = new Path2D();
  for (const part of svg.querySelectorAll("path, rect, circle, ellipse, line, polyline, polygon")) addPart(path, part);
  return { path, markup: svg.innerHTML };
}

function addPart(path: Path2D, part: Element): void {
  const number = (name: string) => Number(part.getAttribute(name) ?? 0);
  switch (part.tagName.toLowerCase()) {
    case "path":
      path.addPath(new Path2D(part.getAttribute("d") ?? ""));
      break;
    case "rect":
      path.roundRect(number("x"), number("y"), number("width"), number("height"), number("rx"));
      break;
    case "circle":
      path.moveTo(number("cx") + number("r"), number("cy"));
      path.arc(number("cx"), number("cy"), number("r"), 0, 2 * Math.PI);
      break;
    case "ellipse":
      path.moveTo(number("cx") + number("rx"), number("cy"));
      path.ellipse(number("cx"), number("cy"), number("rx"), number("ry"), 0, 0, 2 * Math.PI);
      break;
    case "line":
      path.moveTo(number("x1"), number("y1"));
      path.lineTo(number("x2"), number("y2"));
      break;
    default: {
      const points = (part.getAttribute("points") ?? "")
        .trim()
        .split(/[\s,]+/)
        .map(Number);
      for (let at = 0; at + 1 < points.length; at += 2) {
        const x = points[at] as number;
        const y = points[at + 1] as number;
        if (at === 0) path.moveTo(x, y);
        else path.lineTo(x, y);
      }
      if (part.tagName.toLowerCase() === "polygon") path.closePath();
    }
  }
}

/** A canvas that is not in the page. */
export function bitmap(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.ceil(width));
  canvas.height = Math.max(1, Math.ceil(height));
  return canvas;
}

export class Shapes {
  private readonly sprites = new Map<string, HTMLCanvasElement>();

  constructor(private readonly shapes: ReadonlyMap<string, Shape>) {}

  get(kind: string): Shape | undefined {
    return this.shapes.get(kind) ?? this.shapes.get("");
  }

  /** Draws the icon of `kind`, `size` world units large, with `pixels` device pixels for one. */
  draw(
    context: CanvasRenderingContext2D,
    kind: string,
    color: string,
    x: number,
    y: number,
    size: number,
    pixels: number,
  ) {
    const shape = this.get(kind);
    if (!shape) return;
    // Whole pixels in a few steps: a sprite for each zoom would be drawn once and thrown away.
    const side = Math.min(Math.max(Math.ceil((size * pixels) / 4) * 4, 8), 96);
    const key = `${kind} ${color} ${side}`;
    let sprite = this.sprites.get(key);
    if (!sprite) {
      if (this.sprites.size > 400) this.sprites.clear();
      sprite = bitmap(side, side);
      const brush = sprite.getContext("2d");
      if (!brush) return;
      brush.scale(side / 24, side / 24);
      brush.strokeStyle = color;
      brush.lineWidth = 1.75;
      brush.lineCap = "round";
      brush.lineJoin = "round";
      brush.stroke(shape.path);
      this.sprites.set(key, sprite);
    }
    context.drawImage(sprite, x, y, size, size);
  }
}
