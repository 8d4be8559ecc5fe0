import { ChevronRight } from "lucide-react";
import { useState } from "react";
import type { Json } from "../api/client";
import { plural } from "./format";
import { SafeText } from "./SafeText";

const pageSize = 100;

interface JsonValueProps {
  value: Json;
  /** Shows the outermost level without its own toggle. */
  bare?: boolean;
  /** How many levels start open. */
  open?: number;
}

/** Any JSON as a tree of names and values, opened level by level and a page at a time. */
export function JsonValue({ value, open = 1, bare = false }: JsonValueProps) {
  if (value === null) return <span className="json-null">null</span>;
  if (typeof value === "string") {
    return (
      <span className="json-text selectable">
        <SafeText>{value}</SafeText>
      </span>
    );
  }
  if (typeof value !== "object") return <span className="json-number selectable">{String(value)}</span>;
  const entries: [string, Json][] = Array.isArray(value)
    ? value.map((one, index) => [String(index), one])
    : Object.entries(value);
  if (entries.length === 0) return <span className="faint">empty</span>;
  return <Branch entries={entries} list={Array.isArray(value)} open={open} bare={bare} />;
}

interface BranchProps {
  entries: [string, Json][];
  list: boolean;
  open: number;
  bare: boolean;
}

function Branch({ entries, list, open, bare }: BranchProps) {
  const [shown, setShown] = useState(open > 0 || bare);
  const [limit, setLimit] = useState(pageSize);
  return (
    <span className="json-branch">
      {!bare && (
        <button type="button" className="json-toggle" aria-expanded={shown} onClick={() => setShown(!shown)}>
          <ChevronRight size={12} aria-hidden />
          {plural(entries.length, list ? "item" : "field")}
        </button>
      )}
      {shown && (
        <span className={bare ? "json-root" : "json-children"}>
          {entries.slice(0, limit).map(([key, value]) => (
            <span className="json-row" key={key}>
              <span className="json-key">
                <SafeText>{key}</SafeText>
              </span>
              <JsonValue value={value} open={open - 1} />
            </span>
          ))}
          {entries.length > limit && (
            <button type="button" className="text-link" onClick={() => setLimit(limit + pageSize)}>
              {`${entries.length - limit} more`}
            </button>
          )}
        </span>
      )}
    </span>
  );
}
