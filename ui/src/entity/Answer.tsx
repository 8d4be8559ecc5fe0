import { Copy } from "lucide-react";
import { useState } from "react";
import type { EntityView, FacetValue, Json } from "../api/client";
import { Button, IconButton } from "../shared/Button";
import { copyText } from "../shared/clipboard";
import { count } from "../shared/format";
import { Markdown } from "../shared/Markdown";
import { SafeText } from "../shared/SafeText";

interface Said {
  role: string;
  text: string;
}
type JsonObject = { [key: string]: Json | undefined };

/** A text longer than this is folded at first. */
const long = 1200;

const objectOf = (value: Json | undefined): JsonObject =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? (value as JsonObject) : {};
const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const fenced = (value: Json | undefined): string =>
  `    ${JSON.stringify(value ?? null, null, 2).replace(/\n/g, "\n    ")}`;

/** A part of a message as Markdown; what isn't words is shown as it was sent. */
function partText(part: Json): string {
  if (typeof part === "string") return part;
  const one = objectOf(part);
  const words = textOf(one.content) || textOf(one.text);
  if (words) return words;
  if (one.type === "tool_call") return `Asks for ${textOf(one.name)}:\n\n${fenced(one.arguments)}`;
  if (one.type === "tool_call_response") return textOf(one.response) || fenced(one.response);
  return fenced(one.value ?? part);
}

function messagesOf(facets: FacetValue[], name: string): Said[] {
  return facets
    .filter((facet) => facet.name === name || facet.name.startsWith(`${name}.`))
    .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
    .flatMap((facet) => listOf(objectOf(facet.value).messages))
    .map((message) => {
      const one = objectOf(message);
      const parts = Array.isArray(one.parts)
        ? one.parts
        : Array.isArray(one.content)
          ? one.content
          : [one.content ?? ""];
      return { role: textOf(one.role), text: parts.map(partText).join("\n\n").trim() };
    })
    .filter(({ text }) => text !== "");
}

function quietLine(facets: FacetValue[]): string[] {
  const value = (name: string): JsonObject => objectOf(facets.find((facet) => facet.name === name)?.value);
  const request = value("gen_ai.request");
  const response = value("gen_ai.response");
  const usage = objectOf(response.usage);
  const words = [textOf(response.model) || textOf(request.model)];
  if (typeof usage.input_tokens === "number") words.push(`${count(usage.input_tokens)} tokens in`);
  if (typeof usage.output_tokens === "number") words.push(`${count(usage.output_tokens)} tokens out`);
  if (typeof response.latency_ms === "number") words.push(`${count(Math.round(response.latency_ms))} ms`);
  return words.filter(Boolean);
}

/** What a model was asked and what it answered. Both come from anywhere, so they go through the one renderer. */
export function Answer({ view }: { view: EntityView }) {
  const asked = messagesOf(view.facets, "gen_ai.input");
  const answered = messagesOf(view.facets, "gen_ai.output");
  const line = quietLine(view.facets);
  return (
    <>
      {asked.length > 0 && <Talk title="Asked" messages={asked} />}
      {answered.length > 0 && <Talk title="Answered" messages={answered} />}
      {line.length > 0 && (
        <p className="quiet">
          <SafeText>{line.join(", ")}</SafeText>
        </p>
      )}
    </>
  );
}

function Talk({ title, messages }: { title: string; messages: Said[] }) {
  const [open, setOpen] = useState(false);
  const all = messages.map(({ text }) => text).join("\n\n");
  const folds = all.length > long;
  let left = folds && !open ? long : Number.POSITIVE_INFINITY;
  const shown = messages.flatMap((message) => {
    if (left <= 0) return [];
    const text = message.text.length > left ? `${message.text.slice(0, left)}…` : message.text;
    left -= message.text.length;
    return [{ ...message, text }];
  });
  return (
    <section className="part" aria-label={title}>
      <div className="part-head">
        <h2>{title}</h2>
        <IconButton
          icon={Copy}
          size={13}
          label={`Copy what was ${title.toLowerCase()}`}
          onPress={() => copyText(all)}
        />
      </div>
      {shown.map(({ role, text }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what was said never changes its order
        <div key={index} className="answer-said">
          {messages.length > 1 && role && (
            <div className="faint">
              <SafeText>{role}</SafeText>
            </div>
          )}
          <Markdown>{text}</Markdown>
        </div>
      ))}
      {folds && (
        <Button small look="quiet" onPress={() => setOpen(!open)}>
          {open ? "Show less" : "Show all"}
        </Button>
      )}
    </section>
  );
}
