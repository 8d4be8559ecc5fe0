import { Cable, Database, Plus, Table2, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Known } from "../api/client";
import { Button, IconButton } from "../shared/Button";
import { EntityLink } from "../shared/EntityLink";
import { SearchInput, TextInput, WordsInput } from "../shared/Field";
import { FieldList } from "../shared/FieldList";
import { JobCard } from "../shared/JobCard";
import { JsonValue } from "../shared/JsonValue";
import { KindIcon, KindLabel } from "../shared/KindIcon";
import { knownKinds } from "../shared/kinds";
import { Mark } from "../shared/Mark";
import { Markdown } from "../shared/Markdown";
import { Menu } from "../shared/Menu";
import { Name } from "../shared/Name";
import { OperationCard } from "../shared/OperationCard";
import { Empty, ErrorPanel, Skeleton } from "../shared/Panel";
import { usePlace } from "../shared/place";
import { Marked, SafeText } from "../shared/SafeText";
import { Time } from "../shared/Time";
import type { Column } from "../shared/table/columns";
import { DataTable } from "../shared/table/DataTable";
import { makeWorld } from "../shared/testing/world";
import { toast } from "../shared/toasts";
import "./gallery.css";

const world = makeWorld();
const mart = world.entities.find((one) => one.name === "fct_departures");
const nasty = "invoice\u202Efdp.exe\u0000\u200Bhidden";
const long = "com.flights.operations.eu-central-1.snapshots.departures_with_weather_and_aircraft_rotation_2026_11";
const colours = [
  "bg",
  "bg-chrome",
  "bg-sunken",
  "bg-raised",
  "bg-hover",
  "bg-press",
  "bg-selected",
  "border",
  "border-strong",
  "text",
  "text-quiet",
  "text-faint",
  "accent",
  "accent-text",
  "focus",
  "match",
  "good",
  "warn",
  "bad",
  "family-data",
  "family-model",
  "family-prompt",
  "family-run",
  "family-output",
  "family-agent",
  "family-vocabulary",
  "family-other",
];
const markdown = `# Title\n\nWith **strong**, *stressed* and \`code\`, [a link](https://example.org) and
[one inside](catena://search?text=x).\n\n- one\n- two\n\n> quoted\n\n| a | b |\n|---|---|\n| 1 | 2 |\n
![a picture](https://example.org/x.png) <script>alert(1)</script>\n\n\`\`\`sql\nselect 1\n\`\`\``;

interface Line {
  id: string;
  name: string;
  rows: number | null;
}
const lines: Line[] = Array.from({ length: 20_000 }, (_, index) => ({
  id: String(index),
  name: `table_${index}`,
  rows: index % 7 === 0 ? null : (index * 7919) % 100_003,
}));
const columns: Column<Line>[] = [
  { id: "name", header: "Name", width: 200, grow: true, value: (line) => line.name },
  { id: "rows", header: "Rows", width: 120, align: "right", value: (line) => line.rows },
];

/** Every component in every state, in development builds only: for looking, and for screenshots. */
export function Gallery() {
  usePlace("Gallery");
  const [text, setText] = useState("departures");
  const [words, setWords] = useState(["mart", "tier-1"]);
  return (
    <div className="scroll">
      <div className="gallery">
        <Part title="Colours">
          <div className="swatches">
            {colours.map((name) => (
              <span key={name} className="swatch">
                <span style={{ background: `var(--${name})` }} />
                {name}
              </span>
            ))}
          </div>
        </Part>
        <Part title="Kinds">
          <div className="kinds">
            {[...knownKinds, "unheard_of"].map((kind) => (
              <span key={kind}>
                <KindIcon kind={kind} boxed /> <KindLabel kind={kind} />
              </span>
            ))}
          </div>
        </Part>
        <Part title="Buttons">
          {(["plain", "primary", "quiet", "danger"] as const).map((look) => (
            <span key={look} className="row">
              <Button look={look}>{look}</Button>
              <Button look={look} icon={Plus}>
                With icon
              </Button>
              <Button look={look} small>
                Small
              </Button>
              <Button look={look} isDisabled>
                Disabled
              </Button>
            </span>
          ))}
          <span className="row">
            <IconButton icon={Trash2} label="Remove" />
            <IconButton icon={Trash2} label="Remove" pressed />
            <IconButton icon={Trash2} label="Remove" isDisabled />
            <Menu
              label="Menu"
              trigger={<Button>Menu</Button>}
              groups={[
                { entries: [{ id: "a", label: "Open", icon: Table2, keys: "Enter", onAction: () => {} }] },
                {
                  title: "More",
                  entries: [
                    { id: "b", label: "Chosen", checked: true, onAction: () => {} },
                    { id: "c", label: "Merge", disabled: "The catalog is read-only", onAction: () => {} },
                  ],
                },
              ]}
            />
            <Button onPress={() => toast({ text: "Description saved", action: { label: "Undo", run: () => {} } })}>
              Toast
            </Button>
            <Button onPress={() => toast({ text: "Not saved: the catalog is read-only", look: "bad" })}>
              Bad toast
            </Button>
          </span>
        </Part>
        <Part title="Fields">
          <TextInput
            label="Address"
            value=""
            onChange={() => {}}
            placeholder="http://127.0.0.1:5000"
            hint="A hint."
            code
          />
          <SearchInput label="Search" value={text} onChange={setText} />
          <WordsInput label="Tags" values={words} onChange={setWords} />
        </Part>
        <Part title="Names">
          <div className="narrow">
            <Name>{long}</Name>
          </div>
          <div className="narrow">
            <Name code>{nasty}</Name>
          </div>
          <div className="narrow">
            <Name>short</Name>
          </div>
          <div>
            <SafeText>{nasty}</SafeText>
          </div>
          <div>
            <Marked text="fct_departures" ranges={[[4, 10]]} />
          </div>
          <EntityLink entity={{ id: "x", kind: "dataset", name: "fct_departures" }} />
        </Part>
        <Part title="Marks and times">
          {(["declared", "detected", "inferred", "synced"] as Known[]).map((known) => (
            <span key={known} className="row">
              {known} <Mark known={known} source="dbt manifest" /> <Mark known={known} edited />
            </span>
          ))}
          <span className="row">
            {[5_000, 300_000, 8_000_000, 400_000_000, 90_000_000_000].map((ms) => (
              <Time key={ms} at={Date.now() - ms} />
            ))}
            <Time at="never" />
          </span>
        </Part>
        <Part title="Markdown">
          <Markdown>{markdown}</Markdown>
        </Part>
        <Part title="Values">
          {mart && <FieldList fields={mart.fields} />}
          <JsonValue value={mart?.facets[1]?.value ?? null} open={3} />
        </Part>
        <Part title="Jobs">
          {world.jobs.map((job) => (
            <JobCard key={job.id} job={job} />
          ))}
          {world.jobs[0] && <JobCard job={{ ...world.jobs[0], id: "unknown", total: null, seconds_left: null }} />}
        </Part>
        <Part title="Operations">
          {world.operations.slice(1, 3).map((operation) => (
            <OperationCard key={operation.id} operation={operation} />
          ))}
        </Part>
        <Part title="Empty, loading, failed">
          <Empty icon={Database} title="Nothing here" actions={<Button icon={Cable}>Import</Button>}>
            What belongs here, and how to get it.
          </Empty>
          <Skeleton rows={4} />
          <ErrorPanel
            what="The catalog could not be opened"
            error="flights.catena is not a Catena catalog: its first bytes are those of a ZIP file. Choose another file."
            onRetry={() => {}}
          />
        </Part>
        <Part title="Table of 20,000 rows">
          <div className="table-box">
            <DataTable label="Lines" view="gallery" rows={lines} columns={columns} rowId={(line) => line.id} />
          </div>
          <div className="table-box">
            <DataTable
              label="No lines"
              view="gallery.empty"
              rows={[]}
              columns={columns}
              rowId={(line: Line) => line.id}
              empty={<Empty icon={Table2} title="No rows" />}
            />
          </div>
        </Part>
      </div>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="gallery-part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
