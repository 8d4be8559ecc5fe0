import type { SchemaChange, SchemaRating, SchemaVersion, UpstreamChange } from "../api/client";
import { EntityLink } from "../shared/EntityLink";
import { SafeText } from "../shared/SafeText";
import { Time } from "../shared/Time";
import { sourceWords } from "../shared/words";
import "./schema.css";

const states: Record<SchemaRating, string> = { breaking: "bad", risky: "warn", compatible: "good" };

const meaning: Record<SchemaRating, string> = {
  breaking: "Something that was there is gone or of another type",
  risky: "It can be read still, but a value may be missing or less exact",
  compatible: "Whoever could read it before can still",
};

function Rated({ rating }: { rating: SchemaRating }) {
  return (
    <span className="rated" title={meaning[rating]}>
      <span className="dot" data-state={states[rating]} /> {rating}
    </span>
  );
}

/** `price: integer to number`, in a line. */
function ChangeLine({ change }: { change: SchemaChange }) {
  const { path, difference, what, before, after } = change;
  const about = what === "key" ? "key" : path;
  return (
    <li className="schema-change">
      <span className="schema-sign" data-difference={difference} title={difference}>
        {difference === "added" ? "+" : difference === "removed" ? "−" : "~"}
      </span>
      <span className="schema-what">
        <code>
          <SafeText>{about}</SafeText>
        </code>{" "}
        {difference === "changed" ? (
          <span className="quiet">
            <SafeText>{before ?? ""}</SafeText> → <SafeText>{after ?? ""}</SafeText>
          </span>
        ) : (
          <span className="quiet">
            {difference} <SafeText>{after ?? before ?? ""}</SafeText>
          </span>
        )}
      </span>
      <span className="dot" data-state={states[change.rating]} title={change.rating} />
    </li>
  );
}

/** The versions of a table's schema, the latest first: what each changed and what that does to who reads it. */
export function SchemaHistory({ versions }: { versions: SchemaVersion[] }) {
  const several = new Set(versions.map((version) => version.source)).size > 1;
  return (
    <section className="schema-history scroll" aria-label="Schema history">
      <h2>Schema history</h2>
      <ol>
        {versions.map((version) => (
          <li key={version.source + version.version} className="schema-version">
            <div className="schema-version-head">
              <code>{version.version}</code>
              {version.rating ? <Rated rating={version.rating} /> : <span className="faint">first seen</span>}
              <span className="spacer" />
              <Time at={version.at} />
            </div>
            {several && (
              <div className="faint">
                <SafeText>{sourceWords(version.source)}</SafeText>
              </div>
            )}
            <ul>
              {version.changes.slice(0, 100).map((change) => (
                <ChangeLine key={change.path + change.what} change={change} />
              ))}
            </ul>
            {version.changes.length > 100 && <p className="faint">and {version.changes.length - 100} more</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What changed upstream so that whoever reads it may find it broken. */
export function UpstreamChanges({ changes }: { changes: UpstreamChange[] }) {
  if (changes.length === 0) return null;
  return (
    <section className="upstream-changes" aria-label="Breaking changes upstream">
      <h2>
        <span className="dot" data-state="bad" />
        {changes.length === 1 ? "A breaking change upstream" : `${changes.length} breaking changes upstream`}
      </h2>
      <ul>
        {changes.map(({ entity, version }) => (
          <li key={entity.id}>
            <div className="schema-version-head">
              <EntityLink entity={entity} />
              <code>{version.version}</code>
              <span className="spacer" />
              <Time at={version.at} />
            </div>
            <ul>
              {version.changes
                .filter((change) => change.rating === "breaking")
                .slice(0, 5)
                .map((change) => (
                  <ChangeLine key={change.path + change.what} change={change} />
                ))}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  );
}
