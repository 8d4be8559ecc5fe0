import { CircleDashed, Radar, RefreshCw, UserRoundCheck } from "lucide-react";
import type { Known } from "../api/client";
import { sourceWords } from "./words";

const marks = {
  declared: { icon: UserRoundCheck, text: "Declared: someone or the source stated it" },
  detected: { icon: Radar, text: "Detected: observed in what a system did" },
  inferred: { icon: CircleDashed, text: "Inferred: concluded by a rule, not stated" },
  synced: { icon: RefreshCw, text: "Synced: read from a connected system" },
} as const;

interface MarkProps {
  known: Known;
  source?: string;
  edited?: boolean;
}

/** How a value is known, beside the value. */
export function Mark({ known, source, edited }: MarkProps) {
  const { icon: Icon, text } = marks[known] ?? marks.inferred;
  const title = `${text}${source ? `, by ${sourceWords(source)}` : ""}${edited ? ". Edited here" : ""}`;
  return (
    <span className="mark" data-known={known} title={title} role="img" aria-label={title}>
      <Icon size={12} strokeWidth={1.75} aria-hidden />
      {edited && <small>edited</small>}
    </span>
  );
}
