import { Braces, ChevronRight, Copy } from "lucide-react";
import { useState } from "react";
import type { FacetValue } from "../api/client";
import { IconButton } from "../shared/Button";
import { copyText } from "../shared/clipboard";
import { EntityLink } from "../shared/EntityLink";
import { SearchInput } from "../shared/Field";
import { JsonValue } from "../shared/JsonValue";
import { Empty } from "../shared/Panel";
import { SafeText } from "../shared/SafeText";
import { Time } from "../shared/Time";
import { sourceWords } from "../shared/words";

/** Every facet as its source sent it. */
export function Facets({ facets }: { facets: FacetValue[] }) {
  const [text, setText] = useState("");
  if (facets.length === 0) {
    return (
      <Empty icon={Braces} title="No facets">
        A source that describes this in groups of fields leaves them here, whole.
      </Empty>
    );
  }
  const shown = facets.filter((facet) => `${facet.name} ${facet.source}`.toLowerCase().includes(text.toLowerCase()));
  return (
    <div className="scroll">
      <div className="facet-page">
        {facets.length > 6 && <SearchInput label="Filter facets" value={text} onChange={setText} />}
        {shown.map((facet) => (
          <FacetCard key={`${facet.name} ${facet.source} ${facet.about?.id}`} facet={facet} />
        ))}
        {shown.length === 0 && <p className="quiet">No facet matches.</p>}
      </div>
    </div>
  );
}

function FacetCard({ facet }: { facet: FacetValue }) {
  const [open, setOpen] = useState(true);
  return (
    <section className="facet-card">
      <div className="facet-card-head">
        <button type="button" className="json-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
          <ChevronRight size={13} aria-hidden />
          <span className="strong code">
            <SafeText>{facet.name}</SafeText>
          </span>
        </button>
        {facet.about && <EntityLink entity={facet.about} />}
        <span className="spacer" />
        <span className="faint">
          <SafeText>{sourceWords(facet.source)}</SafeText> <Time at={facet.at} />
        </span>
        <IconButton
          icon={Copy}
          label="Copy as JSON"
          size={13}
          onPress={() => copyText(JSON.stringify(facet.value, null, 2), "JSON copied")}
        />
      </div>
      {open && (
        <div className="facet-card-body">
          <JsonValue value={facet.value} open={2} bare />
        </div>
      )}
    </section>
  );
}
