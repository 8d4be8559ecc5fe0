import type { Span } from "../api/client";

/**
 * A text in three: before a span, the span, behind it. Spans count characters (code points), JavaScript counts UTF-16
 * units, so a span behind an emoji would be off by one for each.
 */
export function pieces(text: string, span: Span): [string, string, string] {
  const start = unitsOf(text, span.start);
  const end = start + unitsOf(text.slice(start), Math.max(0, span.end - span.start));
  return [text.slice(0, start), text.slice(start, end), text.slice(end)];
}

function unitsOf(text: string, characters: number): number {
  let units = 0;
  for (let passed = 0; passed < characters && units < text.length; passed += 1) {
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  }
  return units;
}
