// One drawing, on a canvas or as SVG: what is exported is what is seen.

export interface Stroke {
  colour: string;
  width: number;
  dash?: number[];
  opacity?: number;
}
export interface Pen {
  width: number;
  height: number;
  /** Lines through these points: x, y, x, y; NaN lifts the pen. */
  line(points: ArrayLike<number>, stroke: Stroke): void;
  /** The area within these points. */
  area(points: ArrayLike<number>, colour: string, opacity: number): void;
  rect(x: number, y: number, width: number, height: number, colour: string, opacity?: number): void;
  dot(x: number, y: number, radius: number, colour: string, opacity?: number): void;
  text(text: string, x: number, y: number, colour: string, align: "start" | "middle" | "end", size?: number): void;
  /** Only within this box. */
  within(x: number, y: number, width: number, height: number, draw: () => void): void;
}

export function canvasPen(context: CanvasRenderingContext2D, width: number, height: number, font: string): Pen {
  const path = (points: ArrayLike<number>): void => {
    context.beginPath();
    let down = false;
    for (let at = 0; at + 1 < points.length; at += 2) {
      const [x, y] = [points[at] as number, points[at + 1] as number];
      if (Number.isNaN(y)) down = false;
      else if (down) context.lineTo(x, y);
      else {
        context.moveTo(x, y);
        down = true;
      }
    }
  };
  return {
    width,
    height,
    line: (points, { colour, width, dash = [], opacity = 1 }) => {
      path(points);
      context.globalAlpha = opacity;
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.lineJoin = "round";
      context.setLineDash(dash);
      context.stroke();
      context.setLineDash([]);
      context.globalAlpha = 1;
    },
    area: (points, colour, opacity) => {
      path(points);
      context.globalAlpha = opacity;
      context.fillStyle = colour;
      context.fill();
      context.globalAlpha = 1;
    },
    rect: (x, y, width, height, colour, opacity = 1) => {
      context.globalAlpha = opacity;
      context.fillStyle = colour;
      context.fillRect(x, y, width, height);
      context.globalAlpha = 1;
    },
    dot: (x, y, radius, colour, opacity = 1) => {
      context.globalAlpha = opacity;
      context.fillStyle = colour;
      context.beginPath();
      context.arc(x, y, radius, 0, Math.PI * 2);
      context.fill();
      context.globalAlpha = 1;
    },
    text: (text, x, y, colour, align, size = 11) => {
      context.fillStyle = colour;
      context.font = `${size}px ${font}`;
      context.textAlign = align === "middle" ? "center" : align;
      context.textBaseline = "middle";
      context.fillText(text, x, y);
    },
    within: (x, y, width, height, draw) => {
      context.save();
      context.beginPath();
      context.rect(x, y, width, height);
      context.clip();
      draw();
      context.restore();
    },
  };
}

const plain = (value: number): string => value.toFixed(1).replace(/\.0$/, "");
const signs: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const safe = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no form for them
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "\ufffd").replace(/[&<>"]/g, (sign) => signs[sign] ?? sign);

export function svgPen(width: number, height: number, font: string): Pen & { done(background: string): string } {
  const parts: string[] = [];
  let clips = 0;
  const path = (points: ArrayLike<number>): string => {
    let [text, down] = ["", false];
    for (let at = 0; at + 1 < points.length; at += 2) {
      const [x, y] = [points[at] as number, points[at + 1] as number];
      if (Number.isNaN(y)) {
        down = false;
        continue;
      }
      text += `${down ? "L" : "M"}${plain(x)} ${plain(y)}`;
      down = true;
    }
    return text;
  };
  const pen: Pen = {
    width,
    height,
    line: (points, { colour, width, dash = [], opacity = 1 }) =>
      parts.push(
        `<path d="${path(points)}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round"${dash.length > 0 ? ` stroke-dasharray="${dash.join(" ")}"` : ""} opacity="${opacity}"/>`,
      ),
    area: (points, colour, opacity) => parts.push(`<path d="${path(points)}Z" fill="${colour}" opacity="${opacity}"/>`),
    rect: (x, y, width, height, colour, opacity = 1) =>
      parts.push(
        `<rect x="${plain(x)}" y="${plain(y)}" width="${plain(width)}" height="${plain(height)}" fill="${colour}" opacity="${opacity}"/>`,
      ),
    dot: (x, y, radius, colour, opacity = 1) =>
      parts.push(`<circle cx="${plain(x)}" cy="${plain(y)}" r="${radius}" fill="${colour}" opacity="${opacity}"/>`),
    text: (text, x, y, colour, align, size = 11) =>
      parts.push(
        `<text x="${plain(x)}" y="${plain(y)}" fill="${colour}" font-size="${size}" text-anchor="${align}" dominant-baseline="central">${safe(text)}</text>`,
      ),
    within: (x, y, width, height, draw) => {
      const id = `c${clips++}`;
      parts.push(
        `<clipPath id="${id}"><rect x="${x}" y="${y}" width="${width}" height="${height}"/></clipPath><g clip-path="url(#${id})">`,
      );
      draw();
      parts.push("</g>");
    },
  };
  return {
    ...pen,
    done: (background) =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${safe(font)}"><rect width="100%" height="100%" fill="${background}"/>${parts.join("")}</svg>`,
  };
}
