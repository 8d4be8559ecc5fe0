// Text that fits: cut in the middle, because the end is what tells names apart, and measured once.

export type Measure = (text: string) => number;

const ELLIPSIS = "…";

/** `text` no wider than `width`, keeping both ends; empty when not even one character and the mark fit. */
export function truncateMiddle(text: string, width: number, measure: Measure): string {
  if (measure(text) <= width) return text;
  const characters = Array.from(new Intl.Segmenter().segment(text), (part) => part.segment);
  const cut = (kept: number) => {
    const tail = Math.floor(kept / 2);
    return characters.slice(0, kept - tail).join("") + ELLIPSIS + characters.slice(characters.length - tail).join("");
  };
  let low = 0;
  let high = characters.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(cut(middle)) <= width) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? "" : cut(low);
}

/** The same where every character is as wide: `room` is how many fit, the mark counted as one. */
export function truncateEven(text: string, room: number): string {
  if (text.length <= room) return text;
  if (room < 2) return "";
  const tail = Math.floor((room - 1) / 2);
  return text.slice(0, room - 1 - tail) + ELLIPSIS + text.slice(text.length - tail);
}

const ASCII = /^[\x20-\x7e]*$/;

/** Control characters and marks that turn the direction of writing are shown as what they are, not obeyed. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "\u{fffd}");
}

const LIMIT = 20_000;

/** Cut texts by font and width. Widths are taken in steps, so that zooming doesn't cut each name at each frame. */
export class FittedText {
  private readonly widths = new Map<string, number>();
  private readonly cut = new Map<string, string>();
  /** The width of every ASCII character of a font in which all have the same; 0 for other fonts. */
  private readonly advances = new Map<string, number>();

  constructor(private readonly context: Pick<CanvasRenderingContext2D, "font" | "measureText">) {}

  measure(text: string, font: string): number {
    const key = `${font}\u0000${text}`;
    const known = this.widths.get(key);
    if (known !== undefined) return known;
    if (this.widths.size > LIMIT) this.widths.clear();
    if (this.context.font !== font) this.context.font = font;
    const width = this.context.measureText(text).width;
    this.widths.set(key, width);
    return width;
  }

  fit(text: string, width: number, font: string): string {
    const step = Math.floor(width / 4) * 4;
    const key = `${font}\u0000${step}\u0000${text}`;
    const known = this.cut.get(key);
    if (known !== undefined) return known;
    if (this.cut.size > LIMIT) this.cut.clear();
    if (this.context.font !== font) this.context.font = font;
    const advance = this.advance(font);
    const fitted =
      advance > 0 && ASCII.test(text)
        ? truncateEven(text, Math.floor(step / advance))
        : truncateMiddle(printable(text), step, (part) => this.context.measureText(part).width);
    this.cut.set(key, fitted);
    return fitted;
  }

  private advance(font: string): number {
    let advance = this.advances.get(font);
    if (advance === undefined) {
      const thin = this.measure("iiii....", font);
      advance = Math.abs(thin - this.measure("MMMM____", font)) < 0.01 ? thin / 8 : 0;
      this.advances.set(font, advance);
      this.context.font = font;
    }
    return advance;
  }
}
