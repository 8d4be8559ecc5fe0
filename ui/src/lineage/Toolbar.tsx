import {
  Download,
  FileImage,
  FileSpreadsheet,
  FileType,
  Maximize,
  Minus,
  Plus,
  Search,
  SlidersHorizontal,
} from "lucide-react";
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { Button, IconButton } from "../shared/Button";
import { count, plural } from "../shared/format";
import { kindLabel } from "../shared/kinds";
import { Menu } from "../shared/Menu";
import { Segmented } from "../shared/Segmented";
import { MOST_BEYOND, type Totals } from "./frame";
import { ALL_LEVELS, isoDay, type LineageState } from "./link";

type Change = (patch: Partial<LineageState>) => void;

interface ToolbarProps {
  state: LineageState;
  totals: Totals | null;
  /** Something in view has columns. */
  hasColumns: boolean;
  onChange: Change;
  onFit(): void;
  onFind(): void;
  onExport(what: "png" | "svg" | "csv"): void;
}

export function Toolbar({ state, totals, hasColumns, onChange, onFit, onFind, onExport }: ToolbarProps) {
  const graph = state.as === "graph";
  return (
    <div className="screen-head lineage-toolbar" role="toolbar" aria-label="Lineage">
      <Segmented
        label="Direction"
        value={state.direction}
        onChange={(direction) => onChange({ direction })}
        choices={[
          { id: "up", label: "Up" },
          { id: "both", label: "Both" },
          { id: "down", label: "Down" },
        ]}
      />
      {state.direction !== "down" && (
        <Depth label="Up" value={state.up} beyond={totals?.beyondUp ?? 0} onChange={(up) => onChange({ up })} />
      )}
      {state.direction !== "up" && (
        <Depth
          label="Down"
          value={state.down}
          beyond={totals?.beyondDown ?? 0}
          onChange={(down) => onChange({ down })}
        />
      )}
      <Segmented
        label="How far rolled up"
        value={state.band}
        onChange={(band) => onChange({ band })}
        choices={[
          { id: "system", label: "Systems" },
          { id: "asset", label: "Assets" },
          {
            id: "field",
            label: "Columns",
            disabled:
              totals && !hasColumns && state.band === "asset" ? "No columns are known of what is shown" : undefined,
          },
        ]}
      />
      <ShowPopover state={state} totals={totals} onChange={onChange} />
      <span className="spacer" />
      {graph && (
        <>
          <IconButton icon={Search} label="Find in the graph" keys="Ctrl F" onPress={onFind} />
          <IconButton icon={Maximize} label="Fit all of it" keys="0" onPress={onFit} />
        </>
      )}
      <Menu
        label="Export"
        placement="bottom end"
        trigger={<IconButton icon={Download} label="Export" />}
        groups={[
          {
            entries: [
              entry("png", "Picture (PNG)", FileImage, graph, () => onExport("png")),
              entry("svg", "Drawing (SVG)", FileType, graph, () => onExport("svg")),
              entry("csv", "Table with levels (CSV)", FileSpreadsheet, true, () => onExport("csv")),
            ],
          },
        ]}
      />
      <Segmented
        label="Shown as"
        value={state.as}
        onChange={(as) => onChange({ as })}
        choices={[
          { id: "graph", label: "Graph" },
          { id: "table", label: "Table" },
        ]}
      />
    </div>
  );
}

function entry(id: string, label: string, icon: typeof Download, enabled: boolean, onAction: () => void) {
  return { id, label, icon, disabled: enabled ? undefined : "Show the graph first", onAction };
}

interface DepthProps {
  label: string;
  value: number;
  beyond: number;
  onChange(value: number): void;
}

/** How many levels, with what lies beyond them. */
function Depth({ label, value, beyond, onChange }: DepthProps) {
  return (
    <fieldset className="lineage-depth" aria-label={`${label}: ${levelWords(value)}`}>
      <span className="quiet">{label}</span>
      <IconButton
        icon={Minus}
        size={13}
        label={`One level less ${label.toLowerCase()}`}
        isDisabled={value === 0}
        onPress={() => onChange(value === ALL_LEVELS ? 3 : value - 1)}
      />
      <span className="number lineage-depth-value">{value === ALL_LEVELS ? "all" : value}</span>
      <IconButton
        icon={Plus}
        size={13}
        label={
          beyond > 0
            ? `One level more ${label.toLowerCase()}, ${beyondWords(beyond)} ${beyond === 1 ? "node" : "nodes"} beyond`
            : "Nothing lies beyond"
        }
        isDisabled={beyond === 0 || value >= ALL_LEVELS}
        onPress={() => onChange(value + 1)}
      />
      {beyond > 0 && (
        <AriaButton
          className="lineage-beyond"
          onPress={() => onChange(ALL_LEVELS)}
          aria-label={`Show all ${beyondWords(beyond)} beyond`}
        >
          +{beyondWords(beyond)}
        </AriaButton>
      )}
    </fieldset>
  );
}

/** Beyond some number nobody counts: it is said to be as many or more. */
const beyondWords = (beyond: number): string => (beyond >= MOST_BEYOND ? `${count(MOST_BEYOND)}+` : count(beyond));

const levelWords = (value: number) => (value === ALL_LEVELS ? "all levels" : plural(value, "level"));

function ShowPopover({ state, totals, onChange }: { state: LineageState; totals: Totals | null; onChange: Change }) {
  const none = (many: number, on: boolean, why: string) => (!on && totals !== null && many === 0 ? why : undefined);
  const limits = [
    state.hideTransformations,
    state.hideRuns,
    state.showRemoved,
    state.since !== null || state.until !== null,
    state.kinds.length > 0,
    state.hidden.length > 0,
  ].filter(Boolean).length;
  return (
    <DialogTrigger>
      <Button icon={SlidersHorizontal}>{limits > 0 ? `Show · ${limits}` : "Show"}</Button>
      <Popover className="popover" placement="bottom start" offset={4}>
        <Dialog className="lineage-show" aria-label="What is shown">
          <Toggle
            label="Hide transformations"
            note={plural(totals?.transformations ?? 0, "job or task", "jobs and tasks")}
            on={state.hideTransformations}
            disabled={none(
              totals?.transformations ?? 0,
              state.hideTransformations,
              "There are no jobs in this lineage",
            )}
            onChange={(hideTransformations) => onChange({ hideTransformations })}
          />
          <Toggle
            label="Hide runs"
            note={plural(totals?.runs ?? 0, "run")}
            on={state.hideRuns}
            disabled={none(totals?.runs ?? 0, state.hideRuns, "There are no runs in this lineage")}
            onChange={(hideRuns) => onChange({ hideRuns })}
          />
          <Toggle
            label="Show removed edges"
            note={`${plural(totals?.removedEdges ?? 0, "edge")} no longer seen`}
            on={state.showRemoved}
            disabled={none(totals?.removedEdges ?? 0, state.showRemoved, "No edge was removed")}
            onChange={(showRemoved) => onChange({ showRemoved })}
          />
          <TimeRange state={state} totals={totals} onChange={onChange} />
          {state.kinds.length > 0 && (
            <div className="lineage-show-row">
              <span className="quiet">Only {state.kinds.map((kind) => kindLabel(kind).toLowerCase()).join(", ")}</span>
              <Button small look="quiet" onPress={() => onChange({ kinds: [] })}>
                All kinds
              </Button>
            </div>
          )}
          {state.hidden.length > 0 && (
            <div className="lineage-show-row">
              <span className="quiet">{plural(state.hidden.length, "branch", "branches")} hidden by you</span>
              <Button small look="quiet" onPress={() => onChange({ hidden: [] })}>
                Show again
              </Button>
            </div>
          )}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

interface ToggleProps {
  label: string;
  note: string;
  on: boolean;
  disabled: string | undefined;
  onChange(on: boolean): void;
}

/** One that can't be used says why in its second line. */
function Toggle({ label, note, on, disabled, onChange }: ToggleProps) {
  return (
    <label className="lineage-toggle" data-disabled={disabled !== undefined}>
      <input
        type="checkbox"
        checked={on}
        disabled={disabled !== undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        {label}
        <small>{disabled ?? note}</small>
      </span>
    </label>
  );
}

const DAY = 86_400_000;

function TimeRange({ state, totals, onChange }: { state: LineageState; totals: Totals | null; onChange: Change }) {
  const unknown = totals !== null && totals.firstSeen === null && state.since === null && state.until === null;
  const day = (at: number | null) => (at === null ? "" : isoDay(at).slice(0, 10));
  const read = (text: string) => (text === "" ? null : Date.parse(`${text}T00:00:00Z`));
  return (
    <fieldset className="lineage-range" disabled={unknown}>
      <legend>Seen between</legend>
      <input
        type="date"
        aria-label="From"
        value={day(state.since)}
        min={day(totals?.firstSeen ?? null)}
        max={day(state.until ?? totals?.lastSeen ?? null)}
        onChange={(event) => onChange({ since: read(event.target.value) })}
      />
      <input
        type="date"
        aria-label="Until"
        value={day(state.until === null ? null : state.until - DAY + 1)}
        min={day(state.since ?? totals?.firstSeen ?? null)}
        onChange={(event) => {
          const at = read(event.target.value);
          // To the end of the day that is named.
          onChange({ until: at === null ? null : at + DAY - 1 });
        }}
      />
      <small>
        {unknown
          ? "No source has said when these were seen"
          : totals?.firstSeen != null && totals.lastSeen != null
            ? `Known from ${day(totals.firstSeen)} to ${day(totals.lastSeen)}`
            : ""}
      </small>
    </fieldset>
  );
}
