import { Braces, ChevronRight, Copy, TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { FacetField, FacetProblem, FacetValue } from "../api/client";
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
  const shown = facets.filter((facet) =>
    `${facet.name} ${facet.title ?? ""} ${facet.source}`.toLowerCase().includes(text.toLowerCase()),
  );
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
  const { problems } = facet;
  return (
    <section className="facet-card" aria-label={facet.title ?? facet.name}>
      <div className="facet-card-head">
        <button type="button" className="json-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
          <ChevronRight size={13} aria-hidden />
          <span className="strong code">
            <SafeText>{facet.name}</SafeText>
          </span>
        </button>
        {facet.title && <span className="quiet">{facet.title}</span>}
        {problems.length > 0 && (
          <span className="facet-misfit">
            <TriangleAlert size={12} aria-hidden />
            {problems.length === 1 ? "1 thing not as expected" : `${problems.length} things not as expected`}
          </span>
        )}
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
          {facet.description && <p className="quiet">{facet.description}</p>}
          {problems.length > 0 && <Misfits problems={problems} />}
          <JsonValue value={facet.value} open={2} bare />
          {facet.fields.length > 0 && <Meanings fields={facet.fields} />}
        </div>
      )}
    </section>
  );
}

/** What is not as the facet's schema has it. It was kept just as it was sent. */
function Misfits({ problems }: { problems: FacetProblem[] }) {
  return (
    <ul className="facet-misfits" aria-label="Not as expected">
      {problems.map(({ where, what }) => (
        <li key={`${where} ${what}`}>
          {where && (
            <span className="code">
              <SafeText>{where}</SafeText>:{" "}
            </span>
          )}
          <SafeText>{what}</SafeText>
        </li>
      ))}
    </ul>
  );
}

function Meanings({ fields }: { fields: FacetField[] }) {
  return (
    <details className="facet-meanings">
      <summary>What the fields mean</summary>
      <dl>
        {fields.map(({ path, description }) => (
          <div key={path}>
            <dt className="code">{path}</dt>
            <dd>{description}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
