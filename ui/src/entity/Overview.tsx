import { Copy, Pencil, Split } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import type { EntityView } from "../api/client";
import { RestsOn } from "../outputs/RestsOn";
import { Boundary } from "../shared/Boundary";
import { Button, IconButton } from "../shared/Button";
import { copyText } from "../shared/clipboard";
import { EntityLink } from "../shared/EntityLink";
import { useEdit } from "../shared/edit";
import { WordsInput } from "../shared/Field";
import { FieldList } from "../shared/FieldList";
import { Mark } from "../shared/Mark";
import { Markdown } from "../shared/Markdown";
import { Name } from "../shared/Name";
import { Skeleton } from "../shared/Panel";
import { useAct, useRead } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import { Time } from "../shared/Time";
import { toast } from "../shared/toasts";
import { sourceShort, sourceWords } from "../shared/words";
import { Answer } from "./Answer";
import { fieldOf, listed, wordsOf } from "./fields";
import { Metrics } from "./Metrics";
import { Passages } from "./Passages";
import { UpstreamChanges } from "./SchemaHistory";

// The canvas is most of the code of this page, and the words needn't wait for it.
const SmallLineage = lazy(async () => ({ default: (await import("../lineage/SmallLineage")).SmallLineage }));

interface OverviewProps {
  view: EntityView;
  readOnly: boolean;
  onShow(tab: string): void;
}

export function Overview({ view, readOnly, onShow }: OverviewProps) {
  const rest = listed(view.fields);
  return (
    <div className="scroll">
      <div className="overview">
        <div className="overview-main">
          {view.kind === "output" && <Answer view={view} />}
          {view.kind === "output" && <RestsOn id={view.id} />}
          <Passages view={view} />
          <UpstreamChanges changes={view.upstream_changes} />
          <Description view={view} readOnly={readOnly} />
          <Section title="Lineage">
            <Boundary what="The lineage could not be drawn">
              <Suspense fallback={<Skeleton rows={5} label="Reading the lineage" />}>
                <SmallLineage entity={view.id} />
              </Suspense>
            </Boundary>
          </Section>
          {view.metrics.length > 0 && (
            <Section title="Metrics">
              <Metrics metrics={view.metrics} />
            </Section>
          )}
          {rest.length > 0 && (
            <Section title="Details">
              <FieldList fields={rest} />
            </Section>
          )}
        </div>
        <div className="overview-side">
          {view.parent && (
            <Section title="Part of">
              <EntityLink entity={view.parent} />
            </Section>
          )}
          <Words view={view} field="owners" title="Owners" none="No owner yet" readOnly={readOnly} />
          <Words view={view} field="tags" title="Tags" none="No tags yet" readOnly={readOnly} />
          <Names view={view} readOnly={readOnly} />
          <Latest view={view} onAll={() => onShow("history")} />
        </div>
      </div>
    </div>
  );
}

function Section({ title, act, children }: { title: ReactNode; act?: ReactNode; children: ReactNode }) {
  return (
    <section className="part">
      <div className="part-head">
        <h2>{title}</h2>
        {act}
      </div>
      {children}
    </section>
  );
}

function Description({ view, readOnly }: { view: EntityView; readOnly: boolean }) {
  const field = fieldOf(view, "description");
  const text = typeof field?.value === "string" ? field.value : "";
  const [draft, setDraft] = useState<string | null>(null);
  const edit = useEdit(view.id);
  const save = (): void => {
    setDraft(null);
    if (draft !== null && draft !== text) {
      void edit("Description saved", [{ field: "description", value: draft.trim() || null }]);
    }
  };
  return (
    <Section
      title={<>Description {field && <Mark known={field.known} source={field.source} edited={field.edited} />}</>}
      act={
        !readOnly &&
        draft === null && <IconButton icon={Pencil} label="Edit description" size={13} onPress={() => setDraft(text)} />
      }
    >
      {draft === null ? (
        text ? (
          <Markdown>{text}</Markdown>
        ) : (
          <p className="faint">
            No description yet.{" "}
            {!readOnly && (
              <button type="button" className="text-link" onClick={() => setDraft("")}>
                Write one
              </button>
            )}
          </p>
        )
      ) : (
        <div className="edit-box">
          <textarea
            className="area"
            aria-label="Description"
            // biome-ignore lint/a11y/noAutofocus: a person asked to type here
            autoFocus
            rows={6}
            value={draft}
            placeholder="What it is, where it comes from, what to watch out for. Markdown works."
            onChange={(event) => setDraft(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") setDraft(null);
              else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
              else return;
              event.preventDefault();
              event.stopPropagation();
            }}
          />
          <div className="edit-acts">
            <Button look="primary" small onPress={save}>
              Save
            </Button>
            <Button small look="quiet" onPress={() => setDraft(null)}>
              Cancel
            </Button>
          </div>
        </div>
      )}
      {draft === null &&
        field?.others.map((other) => (
          <div className="fields-other" key={other.source}>
            <span className="faint">
              <SafeText>{sourceWords(other.source)}</SafeText> says
            </span>{" "}
            <SafeText>{String(other.value)}</SafeText> <Time at={other.at} />
          </div>
        ))}
    </Section>
  );
}

interface WordsProps {
  view: EntityView;
  field: "owners" | "tags";
  title: string;
  none: string;
  readOnly: boolean;
}

function Words({ view, field: key, title, none, readOnly }: WordsProps) {
  const field = fieldOf(view, key);
  const words = wordsOf(field?.value);
  const [draft, setDraft] = useState<string[] | null>(null);
  const edit = useEdit(view.id);
  const save = (): void => {
    setDraft(null);
    if (draft && draft.join("\n") !== words.join("\n")) void edit(`${title} saved`, [{ field: key, value: draft }]);
  };
  return (
    <Section
      title={
        <>
          {title} {field && <Mark known={field.known} source={field.source} edited={field.edited} />}
        </>
      }
      act={
        !readOnly &&
        draft === null && <IconButton icon={Pencil} label={`Edit ${key}`} size={13} onPress={() => setDraft(words)} />
      }
    >
      {draft !== null ? (
        <div className="edit-box">
          <WordsInput label={title} values={draft} onChange={setDraft} placeholder="Type and press Enter" />
          <div className="edit-acts">
            <Button look="primary" small onPress={save}>
              Save
            </Button>
            <Button small look="quiet" onPress={() => setDraft(null)}>
              Cancel
            </Button>
          </div>
        </div>
      ) : words.length > 0 ? (
        <div className="chips">
          {words.map((one) => (
            <span className="chip" key={one}>
              <SafeText>{one}</SafeText>
            </span>
          ))}
        </div>
      ) : (
        <p className="faint">{none}</p>
      )}
    </Section>
  );
}

function Names({ view, readOnly }: { view: EntityView; readOnly: boolean }) {
  const split = useAct("split");
  const splitOff = (entity: string): void =>
    split.mutate(
      { entity },
      {
        onSuccess: () => toast({ text: "Split off again" }),
        onError: (error) => toast({ text: `Not split: ${error.message}`, look: "bad" }),
      },
    );
  return (
    <Section title="Names">
      {view.qualified_names.length === 0 && <p className="faint">No system names it.</p>}
      <ul className="names">
        {view.qualified_names.map((one) => (
          <li key={one.namespace + one.name}>
            <span className="names-name">
              <Name code>{one.name}</Name>
              <IconButton
                icon={Copy}
                label={`Copy ${one.name}`}
                size={12}
                onPress={() => copyText(one.text, "Name copied")}
              />
            </span>
            <span className="names-from">
              <Name>{one.namespace}</Name> <span className="faint">by {sourceShort(one.source)}</span>
            </span>
          </li>
        ))}
      </ul>
      {view.members.map(({ id, name, by }) => (
        <div className="names-merged" key={id}>
          <span className="faint">{joinedWords(by)}</span> <Name>{name}</Name>
          {!readOnly && <IconButton icon={Split} label="Split off" size={13} onPress={() => splitOff(id)} />}
        </div>
      ))}
    </Section>
  );
}

function Latest({ view, onAll }: { view: EntityView; onAll(): void }) {
  const { data } = useRead("history", { id: view.id, limit: 5, before: null });
  if (!data || data.length === 0) return null;
  return (
    <Section
      title="Latest changes"
      act={
        <button type="button" className="text-link" onClick={onAll}>
          All
        </button>
      }
    >
      <ul className="latest">
        {data.map((operation) => (
          <li key={operation.id} data-undone={operation.undone_by !== null}>
            <SafeText>{operation.title}</SafeText>
            <span className="faint">
              <SafeText>{operation.actor}</SafeText> <Time at={operation.at} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** How an entity came to be part of this one, as the catalog notes it. */
function joinedWords(by: string): string {
  if (by === "person") return "Merged in:";
  if (by.endsWith("alias")) return "Joined by an alias:";
  if (by.endsWith("name")) return "Joined by its name:";
  if (by.endsWith("parent")) return "Joined with its table:";
  return `Joined by ${by}:`;
}
