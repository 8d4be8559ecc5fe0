import MarkdownIt from "markdown-it";
import { createElement, Fragment, type ReactNode } from "react";
import { openLink, routeOf } from "./links";
import { openOutside } from "./outside";
import { SafeText } from "./SafeText";

/*
 * The one renderer for untrusted Markdown. Tokens become React elements of a fixed list of tags; raw HTML stays text,
 * images are named but never fetched, and a link to the outside opens outside.
 */
const parser = new MarkdownIt({ html: false, linkify: true, breaks: false });
type Token = ReturnType<typeof parser.parse>[number];

const tags = new Set([
  "p",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "ul",
  "ol",
  "li",
  "blockquote",
  "strong",
  "em",
  "s",
  "table",
  "thead",
  "tbody",
  "tr",
  "th",
  "td",
]);

/** Markdown on one line, without its signs. */
export const plainOf = (markdown: string): string =>
  markdown
    .replace(/^\s*(?:[-+*>]|#{1,6}|\d+\.)\s+/gm, "")
    .replace(/[*`]+/g, "")
    .replace(/\s+/g, " ")
    .trim();

export function Markdown({ children }: { children: string }) {
  return <div className="markdown">{render(parser.parse(children, {}))}</div>;
}

function render(tokens: Token[]): ReactNode[] {
  const root: ReactNode[] = [];
  const open: { token: Token; children: ReactNode[] }[] = [];
  const here = (): ReactNode[] => open[open.length - 1]?.children ?? root;
  tokens.forEach((token, index) => {
    if (token.nesting === 1) {
      open.push({ token, children: [] });
    } else if (token.nesting === -1) {
      const done = open.pop();
      if (done) here().push(element(done.token, done.children, index));
    } else {
      here().push(leaf(token, index));
    }
  });
  return root;
}

function element(token: Token, children: ReactNode[], key: number): ReactNode {
  if (token.type === "link_open")
    return <MarkdownLink key={key} to={String(token.attrGet("href") ?? "")} content={children} />;
  if (token.hidden || !tags.has(token.tag)) return <Fragment key={key}>{children}</Fragment>;
  return createElement(token.tag, { key }, ...children);
}

function leaf(token: Token, key: number): ReactNode {
  switch (token.type) {
    case "inline":
      return <Fragment key={key}>{render(token.children ?? [])}</Fragment>;
    case "softbreak":
      return <Fragment key={key}> </Fragment>;
    case "hardbreak":
      return <br key={key} />;
    case "hr":
      return <hr key={key} />;
    case "code_inline":
      return (
        <code key={key}>
          <SafeText>{token.content}</SafeText>
        </code>
      );
    case "fence":
    case "code_block":
      return (
        <pre key={key}>
          <SafeText>{token.content.replace(/\n$/, "")}</SafeText>
        </pre>
      );
    case "image":
      return (
        <span key={key} className="quiet">
          [image: <SafeText>{token.content || "without a description"}</SafeText>]
        </span>
      );
    default:
      return <SafeText key={key}>{token.content}</SafeText>;
  }
}

function MarkdownLink({ to, content }: { to: string; content: ReactNode }) {
  const route = routeOf(to);
  return (
    <button type="button" className="text-link" title={to} onClick={() => (route ? openLink(route) : openOutside(to))}>
      {content}
    </button>
  );
}
