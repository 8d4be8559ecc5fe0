import { Check } from "lucide-react";
import { useState } from "react";
import type { FacetCount } from "../api/client";
import { count } from "../shared/format";
import { KindIcon } from "../shared/KindIcon";
import { kindLook } from "../shared/kinds";
import { Name } from "../shared/Name";
import { type Chosen, type FacetField, facetFields, facetTitles, toggled } from "./query";

interface FacetListProps {
  facets: FacetCount[];
  chosen: Chosen;
  onChange(patch: Partial<Chosen>): void;
}

const short = 8;

/** What the results consist of, with counts; choosing narrows them. What is chosen stays listed even with no result. */
export function FacetList({ facets, chosen, onChange }: FacetListProps) {
  return (
    <div className="facets" role="group" aria-label="Filters">
      {facetFields.map((field) => (
        <Facet
          key={field}
          field={field}
          values={facets.find((facet) => facet.field === field)?.values ?? []}
          chosen={chosen[field]}
          onToggle={(value) => onChange({ [field]: toggled(chosen[field], value) })}
          onClear={() => onChange({ [field]: [] })}
        />
      ))}
    </div>
  );
}

interface FacetProps {
  field: FacetField;
  values: { value: string; count: number }[];
  chosen: string[];
  onToggle(value: string): void;
  onClear(): void;
}

function Facet({ field, values, chosen, onToggle, onClear }: FacetProps) {
  const [all, setAll] = useState(false);
  const missing = chosen.filter((one) => !values.some(({ value }) => value === one));
  const listed = [...missing.map((value) => ({ value, count: 0 })), ...values];
  if (listed.length === 0) return null;
  const shown = all ? listed : listed.slice(0, Math.max(short, missing.length));
  return (
    <section className="facet">
      <div className="facet-head">
        <h3>{facetTitles[field]}</h3>
        {chosen.length > 0 && (
          <button type="button" className="text-link" onClick={onClear}>
            Clear
          </button>
        )}
      </div>
      {shown.map(({ value, count: many }) => (
        <button
          key={value}
          type="button"
          className="facet-value"
          aria-pressed={chosen.includes(value)}
          onClick={() => onToggle(value)}
        >
          <span className="facet-mark">
            {chosen.includes(value) ? (
              <Check size={13} strokeWidth={2.2} aria-hidden />
            ) : (
              field === "kinds" && <KindIcon kind={value} size={13} />
            )}
          </span>
          <Name>{field === "kinds" ? kindLook(value).plural : value}</Name>
          <span className="spacer" />
          <span className="faint">{count(many)}</span>
        </button>
      ))}
      {listed.length > shown.length && (
        <button type="button" className="facet-more text-link" onClick={() => setAll(true)}>
          {listed.length - shown.length} more
        </button>
      )}
    </section>
  );
}
