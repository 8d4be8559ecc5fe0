import { Fragment, type ReactNode } from "react";

/*
 * Names and values come from anywhere. Characters that reorder or hide text are shown as a small labelled box, so that
 * what a person reads is what is stored. React escapes the rest; nothing here is ever HTML.
 */
const names: Record<number, [short: string, full: string]> = {
  1564: ["ALM", "Arabic letter mark"],
  173: ["SHY", "soft hyphen"],
  6158: ["MVS", "Mongolian vowel separator"],
  8203: ["ZWSP", "zero-width space"],
  8206: ["LRM", "left-to-right mark"],
  8207: ["RLM", "right-to-left mark"],
  8234: ["LRE", "left-to-right embedding"],
  8235: ["RLE", "right-to-left embedding"],
  8236: ["PDF", "end of direction"],
  8237: ["LRO", "left-to-right override"],
  8238: ["RLO", "right-to-left override"],
  8232: ["LS", "line separator"],
  8233: ["PS", "paragraph separator"],
  8288: ["WJ", "word joiner"],
  8294: ["LRI", "left-to-right isolate"],
  8295: ["RLI", "right-to-left isolate"],
  8296: ["FSI", "first strong isolate"],
  8297: ["PDI", "end of isolate"],
  65279: ["BOM", "byte order mark"],
  65534: ["FFFE", "not a character"],
};
const tab = 0x09;
const newline = 0x0a;

/** The label of a character that must be made visible, or null when it may be shown as it is. */
export function hidden(code: number): [short: string, full: string] | null {
  const known = names[code];
  if (known) return known;
  const hex = code.toString(16).toUpperCase().padStart(2, "0");
  if (code < 0x20 && code !== tab && code !== newline)
    return [code === 0 ? "NUL" : `x${hex}`, `control character ${hex}`];
  if (code >= 0x7f && code <= 0x9f) return [`x${hex}`, `control character ${hex}`];
  if (code >= 0xe0000 && code <= 0xe007f) return ["TAG", "invisible tag character"];
  return null;
}

const hex4 = (code: number): string => code.toString(16).toUpperCase().padStart(4, "0");

function visible(text: string): ReactNode {
  const parts: ReactNode[] = [];
  let plain = "";
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const label = hidden(code);
    if (!label) {
      plain += char;
      continue;
    }
    if (plain) parts.push(<Fragment key={parts.length}>{plain}</Fragment>);
    plain = "";
    parts.push(
      <span key={parts.length} className="hidden-char" title={`U+${hex4(code)} ${label[1]}`}>
        {label[0]}
      </span>,
    );
  }
  if (parts.length === 0) return plain;
  if (plain) parts.push(<Fragment key={parts.length}>{plain}</Fragment>);
  return parts;
}

/** Untrusted text, with direction isolated from its surroundings and hidden characters shown. */
export function SafeText({ children }: { children: string }) {
  return <bdi>{visible(children)}</bdi>;
}

/** Untrusted text with ranges marked, as where a search matched. Ranges count UTF-16 units and may come in any order. */
export function Marked({ text, ranges }: { text: string; ranges: readonly (readonly [number, number])[] }) {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const from = Math.max(start, at);
    const to = Math.min(end, text.length);
    if (to <= from) continue;
    if (from > at) parts.push(<Fragment key={`t${at}`}>{visible(text.slice(at, from))}</Fragment>);
    parts.push(<mark key={`m${from}`}>{visible(text.slice(from, to))}</mark>);
    at = to;
  }
  if (at < text.length) parts.push(<Fragment key={`t${at}`}>{visible(text.slice(at))}</Fragment>);
  return <bdi>{parts}</bdi>;
}
