import { GitCompare, Tag } from "lucide-react";
import { useState } from "react";
import { Checkbox } from "react-aria-components";
import type { EntityView, Json, Uses, VersionCompareRow, VersionRow, VersionSection } from "../api/client";
import { Button } from "../shared/Button";
import { EntityLink } from "../shared/EntityLink";
import { number, plural } from "../shared/format";
import { kindLook } from "../shared/kinds";
import { useLinkState } from "../shared/linkState";
import { word } from "../shared/links";
import { Menu } from "../shared/Menu";
import { Empty, ErrorPanel, Skeleton } from "../shared/Panel";
import { useRead } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import { TextDiff } from "../shared/TextDiff";
import { Time } from "../shared/Time";
import { MoveAlias } from "./MoveAlias";
import "./versions.css";

const sections: { [section in VersionSection]: string } = {
  fields: "What is said of it",
  text: "Text",
  params: "Parameters",
  metrics: "Metrics",
  signature: "Inputs and outputs",
  lineage: "Lineage",
};

export const usesText = (uses: Uses[]): string =>
  uses
    .map(({ kind, count: many }) => {
      const look = kindLook(kind);
      return plural(many, look.label.toLowerCase(), look.plural.toLowerCase());
    })
    .join(", ");

/** The versions of a model or prompt in a line; two or more of them side by side. */
export function Versions({ view, readOnly }: { view: EntityView; readOnly: boolean }) {
  const [query, setQuery] = useLinkState();
  const { data, error, refetch } = useRead("versions", { id: view.id });
  const [moving, setMoving] = useState<{ alias: string; to: VersionRow } | null>(null);
  const chosen = word(query.versions).split(",").filter(Boolean);

  if (error && !data) {
    return <ErrorPanel what="The versions could not be read" error={error} onRetry={() => void refetch()} />;
  }
  if (!data) return <Skeleton rows={8} label="Reading the versions" />;
  if (data.versions.length === 0) {
    return (
      <Empty icon={Tag} title="No versions yet">
        They come with the next pull of the registry that {data.whole.name} is kept in.
      </Empty>
    );
  }
  const choose = (id: string, is: boolean) => {
    const next = is ? [...chosen, id] : chosen.filter((one) => one !== id);
    setQuery({ versions: next.join(",") });
  };
  const aliases = [...new Set(data.versions.flatMap((row) => row.aliases))].sort();
  // The older one is the one that is changed into the other.
  const compared = data.versions.filter((row) => chosen.includes(row.version.id)).reverse();

  return (
    <div className="scroll">
      <div className="versions">
        <ol className="version-line" aria-label={`Versions of ${data.whole.name}`}>
          {data.versions.map((row) => (
            <li key={row.version.id} className="version" data-here={row.version.id === view.id || undefined}>
              <Checkbox
                className="version-check"
                aria-label={`Compare ${row.version.name}`}
                isSelected={chosen.includes(row.version.id)}
                onChange={(is) => choose(row.version.id, is)}
              >
                <span className="version-box" aria-hidden />
              </Checkbox>
              <div className="version-what">
                <div className="version-head">
                  <EntityLink entity={row.version} />
                  {row.aliases.map((alias) => (
                    <span key={alias} className="chip version-alias">
                      <SafeText>{alias}</SafeText>
                    </span>
                  ))}
                  {row.lifecycle && <span className="chip">{row.lifecycle}</span>}
                </div>
                <div className="version-under faint">
                  {row.made_at && <Time at={row.made_at} />}
                  {row.made_by.map((by) => (
                    <EntityLink key={by.id} entity={by} />
                  ))}
                  <span>{row.uses.length > 0 ? `used by ${usesText(row.uses)}` : "nothing uses it"}</span>
                </div>
                {row.description && (
                  <div className="quiet">
                    <SafeText>{row.description}</SafeText>
                  </div>
                )}
              </div>
              {!readOnly && (
                <PointHere
                  row={row}
                  aliases={aliases.filter((alias) => !row.aliases.includes(alias))}
                  onPoint={(alias) => setMoving({ alias, to: row })}
                />
              )}
            </li>
          ))}
        </ol>
        {data.count > data.versions.length && (
          <p className="faint">
            {plural(data.count - data.versions.length, "older version")}{" "}
            {data.count - data.versions.length === 1 ? "is" : "are"} not listed.
          </p>
        )}
        {compared.length < 2 ? (
          <p className="faint">Choose two or more versions to see what differs.</p>
        ) : (
          <Compared key={compared.map((row) => row.version.id).join()} versions={compared} />
        )}
      </div>
      {moving && <MoveAlias {...moving} onClose={() => setMoving(null)} />}
    </div>
  );
}

function PointHere({ row, aliases, onPoint }: { row: VersionRow; aliases: string[]; onPoint(alias: string): void }) {
  return (
    <Menu
      label={`Aliases for ${row.version.name}`}
      placement="bottom end"
      trigger={
        <Button small look="quiet" icon={Tag} aria-label={`Point an alias at ${row.version.name}`}>
          Alias…
        </Button>
      }
      groups={[
        {
          entries: aliases.map((alias) => ({
            id: `=${alias}`,
            label: `Point ${alias} here`,
            onAction: () => onPoint(alias),
          })),
        },
        { entries: [{ id: "+", label: "New alias…", onAction: () => onPoint("") }] },
      ]}
    />
  );
}

const shown = (value: Json): string => {
  if (value === null) return "";
  if (typeof value === "number") return number(value);
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(shown).join(", ");
  return JSON.stringify(value);
};

function Compared({ versions }: { versions: VersionRow[] }) {
  const [all, setAll] = useState(false);
  const { data, error, refetch } = useRead("versions_compare", { versions: versions.map((row) => row.version.id) });
  if (error && !data) {
    return <ErrorPanel what="The versions could not be compared" error={error} onRetry={() => void refetch()} />;
  }
  if (!data) return <Skeleton rows={6} label="Comparing the versions" />;
  const rows = data.rows.filter((row) => row.section !== "text" && (all || row.differs));
  const [first, last] = [versions[0], versions[versions.length - 1]];
  const hasText = first?.text !== null && last?.text !== null;
  return (
    <section aria-label="Versions side by side" className="version-compare">
      <div className="part-head">
        <h2>
          <GitCompare size={14} aria-hidden /> What differs
        </h2>
        <Button small look="quiet" onPress={() => setAll(!all)}>
          {all ? "Differences only" : "Also what is the same"}
        </Button>
      </div>
      {hasText && first && last && (
        <TextDiff before={first.text ?? ""} after={last.text ?? ""} names={[first.version.name, last.version.name]} />
      )}
      {rows.length === 0 ? (
        <p className="faint">{hasText ? "But for the text, nothing differs." : "Nothing differs."}</p>
      ) : (
        <table className="version-table">
          <thead>
            <tr>
              <th scope="col" />
              {data.versions.map((version) => (
                <th key={version.id} scope="col">
                  <SafeText>{version.name}</SafeText>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <CompareLine
                key={`${row.section}/${row.key}`}
                row={row}
                isFirst={rows[at - 1]?.section !== row.section}
              />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function CompareLine({ row, isFirst }: { row: VersionCompareRow; isFirst: boolean }) {
  return (
    <>
      {isFirst && (
        <tr>
          <th scope="rowgroup" colSpan={row.values.length + 1} className="version-section">
            {sections[row.section]}
          </th>
        </tr>
      )}
      <tr data-differs={row.differs || undefined}>
        <th scope="row">
          <SafeText>{row.key}</SafeText>
        </th>
        {row.values.map((value, at) => {
          const delta = row.deltas[at];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: one for each version, in their order
            <td key={at} className="selectable">
              <SafeText>{shown(value)}</SafeText>
              {typeof delta === "number" && delta !== 0 && (
                <span className="version-delta">
                  {delta > 0 ? "+" : "−"}
                  {number(Math.abs(delta))}
                </span>
              )}
            </td>
          );
        })}
      </tr>
    </>
  );
}
