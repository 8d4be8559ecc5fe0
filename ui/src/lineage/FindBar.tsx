import { ChevronDown, ChevronUp, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { IconButton } from "../shared/Button";
import { count } from "../shared/format";
import type { LineageCanvas } from "./canvas";
import { findNodes } from "./find";
import type { Frame } from "./frame";

interface FindBarProps {
  graph: LineageCanvas;
  frame: Frame;
  onClose(): void;
}

/** Find in the graph: Enter goes on, Shift and Enter back, Esc closes and keeps the match selected. */
export function FindBar({ graph, frame, onClose }: FindBarProps) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const matches = useMemo(() => findNodes(frame, text), [frame, text]);
  useEffect(() => input.current?.focus(), []);
  useEffect(() => graph.setMatches(matches, matches.length > 0 ? at % matches.length : -1), [graph, matches, at]);
  useEffect(() => () => graph.setMatches([], -1), [graph]);

  const step = (by: number) =>
    setAt((now) => (matches.length === 0 ? 0 : (now + by + matches.length) % matches.length));
  const close = () => {
    const node = matches[at % Math.max(matches.length, 1)];
    if (node !== undefined) {
      graph.select(node);
      graph.events.select(node);
    }
    onClose();
    graph.element.focus();
  };

  return (
    <div className="lineage-find" role="search">
      <input
        ref={input}
        aria-label="Find in the graph"
        placeholder="Find in the graph"
        value={text}
        spellCheck={false}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
          else if (event.key === "Escape") close();
          else if (!((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f")) return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <output className="number" data-none={text !== "" && matches.length === 0}>
        {text === ""
          ? ""
          : matches.length === 0
            ? "None"
            : `${count((at % matches.length) + 1)} / ${count(matches.length)}`}
      </output>
      <IconButton icon={ChevronUp} label="Previous" keys="Shift Enter" onPress={() => step(-1)} />
      <IconButton icon={ChevronDown} label="Next" keys="Enter" onPress={() => step(1)} />
      <IconButton icon={X} label="Close" keys="Esc" onPress={close} />
    </div>
  );
}
