import { Filter, Network } from "lucide-react";
import { useState } from "react";
import { Button } from "../shared/Button";
import { count, plural } from "../shared/format";
import { KindIcon } from "../shared/KindIcon";
import { kindLabel } from "../shared/kinds";
import type { TooLarge } from "./frame";

interface TooLargePanelProps {
  answer: TooLarge;
  up: number;
  down: number;
  chosen: string[];
  onFilter(patch: { kinds: string[]; up: number; down: number }): void;
  onForce(): void;
}

/** More than can be read at once: what there is by kind and level, to choose from, or all of it after all. */
export function TooLargePanel({ answer, up, down, chosen, onFilter, onForce }: TooLargePanelProps) {
  const { totals } = answer;
  const [kinds, setKinds] = useState<string[]>(chosen.length > 0 ? chosen : totals.kinds.map((one) => one.kind));
  const [levels, setLevels] = useState({ up, down });
  const deepest = (sign: 1 | -1) => Math.max(0, ...totals.levels.map(({ level }) => level * sign));
  const inLevels = totals.levels
    .filter(({ level }) => level >= -levels.up && level <= levels.down)
    .reduce((sum, one) => sum + one.count, 0);
  const ofKinds = totals.kinds.filter((one) => kinds.includes(one.kind)).reduce((sum, one) => sum + one.count, 0);
  // Kinds are not counted per level, so that this is an upper bound.
  const left = Math.min(inLevels, ofKinds);
  return (
    <div className="lineage-large">
      <div className="lineage-large-box">
        <h3>
          <Network size={18} strokeWidth={1.75} aria-hidden /> {plural(totals.nodes, "node")} and{" "}
          {plural(totals.edges, "edge")}
        </h3>
        <p className="quiet">
          A graph of more than {count(totals.limit)} is hard to read. Choose what to see first, or show all of it.
        </p>
        <fieldset>
          <legend>Kinds</legend>
          {totals.kinds.map(({ kind, count: many }) => (
            <label key={kind} className="lineage-large-kind">
              <input
                type="checkbox"
                checked={kinds.includes(kind)}
                onChange={(event) =>
                  setKinds((now) => (event.target.checked ? [...now, kind] : now.filter((one) => one !== kind)))
                }
              />
              <KindIcon kind={kind} />
              <span>{kindLabel(kind)}</span>
              <span className="number quiet">{count(many)}</span>
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>Levels</legend>
          <Levels
            label="Up"
            most={deepest(-1)}
            value={levels.up}
            totals={answer}
            sign={-1}
            onChange={(value) => setLevels((now) => ({ ...now, up: value }))}
          />
          <Levels
            label="Down"
            most={deepest(1)}
            value={levels.down}
            totals={answer}
            sign={1}
            onChange={(value) => setLevels((now) => ({ ...now, down: value }))}
          />
        </fieldset>
        <div className="lineage-large-acts">
          <Button
            look="primary"
            icon={Filter}
            isDisabled={kinds.length === 0}
            onPress={() => onFilter({ kinds: kinds.length === totals.kinds.length ? [] : kinds, ...levels })}
          >
            {`Show ${left < totals.nodes ? "at most " : ""}${plural(left, "node")}`}
          </Button>
          <Button onPress={onForce}>Show all of it</Button>
        </div>
      </div>
    </div>
  );
}

interface LevelsProps {
  label: string;
  most: number;
  value: number;
  totals: TooLarge;
  sign: 1 | -1;
  onChange(value: number): void;
}

function Levels({ label, most, value, totals, sign, onChange }: LevelsProps) {
  if (most === 0) return null;
  const shown = Math.min(value, most);
  const nodes = totals.totals.levels
    .filter(({ level }) => level * sign > 0 && level * sign <= shown)
    .reduce((sum, one) => sum + one.count, 0);
  return (
    <label className="lineage-large-levels">
      <span>{label}</span>
      <input type="range" min={0} max={most} value={shown} onChange={(event) => onChange(Number(event.target.value))} />
      <span className="number quiet">
        {plural(shown, "level")}, {plural(nodes, "node")}
      </span>
    </label>
  );
}
