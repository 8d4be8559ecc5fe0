import type {
  CatalogInfo,
  EntityView,
  EvidenceVerdictArgs,
  FieldValue,
  Hit,
  Job,
  Json,
  Operated,
  OperationView,
  SavedView,
  SchemaColumn,
  SearchArgs,
  SearchReply,
} from "../../api/client";
import { receiverAnswers } from "../../connections/receivers/testing/answers";
import { connection, connectionAnswers } from "../../connections/systems/testing/answers";
import { lineageAnswers } from "../../lineage/testing/answers";
import { seed } from "./seed";

/*
 * A small desktop without Rust, for component tests, development in a browser and screenshots. It keeps state: an edit
 * shows up in the history and undo takes it back, so that a test can see what a person would see.
 */
export interface World {
  info: CatalogInfo;
  entities: EntityView[];
  operations: OperationView[];
  jobs: Job[];
  views: SavedView[];
  /** Use cases that a test answers itself. */
  answers: Record<string, (args: never) => unknown>;
  calls: { name: string; args: unknown }[];
}

export const noon = "2026-11-24T12:00:00Z";
const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

export function makeWorld(change: Partial<World> = {}): World {
  const { entities, operations, jobs } = seed(ago);
  return {
    info: {
      path: "/home/ada/catalogs/flights.catena",
      name: "flights",
      entity_count: 18_204,
      relation_count: 41_377,
      size_bytes: 46_300_000,
      index_waiting: 0,
      read_only: null,
      ended_uncleanly: false,
      has_sample: true,
      recent: [
        { path: "/home/ada/catalogs/flights.catena", name: "flights", opened_at: ago(3) },
        { path: "/home/ada/work/churn/churn-2026.catena", name: "churn-2026", opened_at: ago(2600) },
        { path: "/srv/share/risk/credit-risk.catena", name: "credit-risk", opened_at: ago(9000) },
      ],
      version: "0.1.0",
    },
    entities,
    operations,
    jobs,
    views: [
      { name: "Models trained on weather", link: "catena://search?text=weather&kinds=model" },
      { name: "Owned by nobody", link: "catena://search?text=&tags=unowned" },
    ],
    answers: { ...lineageAnswers(), ...receiverAnswers(), ...connectionAnswers({ connections: [connection()] }) },
    calls: [],
    ...change,
  };
}

export const emptyWorld = (): World => {
  const world = makeWorld({ entities: [], operations: [], jobs: [], views: [] });
  Object.assign(world.answers, connectionAnswers());
  world.info = { ...world.info, entity_count: 0, relation_count: 0, size_bytes: 81_920 };
  return world;
};

const field = (view: EntityView, key: string): FieldValue | undefined => view.fields.find((one) => one.key === key);
const words = (view: EntityView, key: string): string[] => {
  const value = field(view, key)?.value;
  return Array.isArray(value) ? value.map(String) : [];
};
const system = (view: EntityView): string => view.qualified_names[0]?.namespace.split("://")[0] ?? "none";

function schemaOf(view: EntityView): Hit["parent"] {
  const name = view.qualified_names[0]?.name.split(".").slice(0, -1).join(".");
  return name ? { id: `schema-${name}`, kind: "dataset", name } : null;
}

interface Scored {
  hit: Hit;
  view: EntityView;
  score: number;
}

function score(view: EntityView, text: string): Scored | null {
  const description = String(field(view, "description")?.value ?? "");
  const base = {
    id: view.id,
    kind: view.kind,
    name: view.name,
    qualified_names: view.qualified_names.map((one) => one.name),
    parent: schemaOf(view),
    description: description || null,
    tags: words(view, "tags"),
  };
  const wanted = text.trim().toLowerCase();
  if (!wanted) return { view, score: 1, hit: { ...base, why: "newest first", matched: null, also_matched: [] } };
  const find = (value: string, name: string, why: string, points: number): Scored | null => {
    const at = value.toLowerCase().indexOf(wanted);
    if (at < 0) return null;
    return {
      view,
      score: points,
      hit: {
        ...base,
        why,
        matched: { field: name, text: value, ranges: [[at, at + wanted.length]] },
        also_matched: [],
      },
    };
  };
  const column = view.schema.find((one) => one.name.toLowerCase().includes(wanted));
  return (
    (view.name.toLowerCase() === wanted ? find(view.name, "name", "exact name", 9) : null) ??
    find(view.name, "name", view.name.toLowerCase().startsWith(wanted) ? "name starts so" : "name", 7) ??
    find(view.qualified_names[0]?.name ?? "", "qualified_name", "qualified name", 6) ??
    (column ? find(column.name, "column", "has this column", 5) : null) ??
    find(words(view, "tags").join(", "), "tags", "tag", 4) ??
    find(description, "description", "description", 3)
  );
}

function search(world: World, args: SearchArgs): SearchReply {
  const has = (wanted: string[] | undefined, values: string[]): boolean =>
    !wanted?.length || wanted.some((one) => values.includes(one));
  const all = world.entities.flatMap((view) => score(view, args.text) ?? []).sort((a, b) => b.score - a.score);
  const found = all.filter(
    ({ view }) =>
      has(args.kinds, [view.kind]) &&
      has(args.tags, words(view, "tags")) &&
      has(args.owners, words(view, "owners")) &&
      has(args.systems, [system(view)]),
  );
  const tally = (name: string, values: (view: EntityView) => string[]) => {
    const counts = new Map<string, number>();
    for (const { view } of found) for (const value of values(view)) counts.set(value, (counts.get(value) ?? 0) + 1);
    return {
      field: name,
      values: [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count),
    };
  };
  const offset = args.offset ?? 0;
  return {
    total: found.length,
    complete: true,
    exact: found[0]?.hit.why === "exact name",
    took_ms: 3.4,
    hits: found.slice(offset, offset + (args.limit ?? 50)).map(({ hit }) => hit),
    facets: [
      tally("kinds", (view) => [view.kind]),
      tally("systems", (view) => [system(view)]),
      tally("owners", (view) => words(view, "owners")),
      tally("tags", (view) => words(view, "tags")),
    ],
  };
}

function columnView(owner: EntityView, column: SchemaColumn): EntityView {
  const at = owner.fields[0]?.at ?? noon;
  const told = { known: "declared" as const, source: "dbt:flights_analytics", at, edited: false, others: [] };
  const about = { key: "description", value: column.description, ...told };
  return {
    ...owner,
    id: column.id,
    kind: "column",
    name: column.name,
    parent: { id: owner.id, kind: owner.kind, name: owner.name },
    qualified_names: [],
    members: [],
    fields: [...(column.description ? [about] : []), { key: "data_type", value: column.data_type, ...told }],
    facets: [],
    schema: [],
    schema_versions: [],
    upstream_changes: [],
    relations: [],
    counts: { upstream: 1, downstream: 2, relations: 0, parts: 0 },
  };
}

function entityOf(world: World, id: string): EntityView {
  const view = world.entities.find((one) => one.id === id);
  const owner = view ? undefined : world.entities.find((one) => one.schema.some((column) => column.id === id));
  const column = owner?.schema.find((one) => one.id === id);
  if (owner && column) return columnView(owner, column);
  if (!view) throw { trouble: "not_found", message: `There is no entity ${id}.` };
  return view;
}

function setField(view: EntityView, key: string, value: Json): Json {
  if (key === "name") {
    const before = view.name;
    view.name = String(value);
    return before;
  }
  const one = field(view, key);
  if (one) {
    const before = one.value;
    Object.assign(one, { value, edited: true });
    return before;
  }
  view.fields.push({ key, value, known: "declared", source: "person", at: noon, edited: true, others: [] });
  return null;
}

function log(world: World, title: string, changes: OperationView["changes"], undoes?: OperationView): Operated {
  const seq = (world.operations[0]?.seq ?? 0) + 1;
  const id = `op-${seq}`;
  if (undoes) undoes.undone_by = id;
  const at = new Date().toISOString();
  const author = { actor: "Ada Okafor", on_behalf_of: null, origin: "window" as const, cause: null };
  const back = { undone_by: null, undoes: undoes?.id ?? null };
  world.operations.unshift({ seq, id, title, ...author, at, ...back, change_count: changes.length, changes });
  return { operation: id, title };
}

function edit(world: World, args: { entity: string; changes: { field: string; value: Json }[] }) {
  const view = entityOf(world, args.entity);
  const changes = args.changes.map(({ field: key, value }) => ({
    subject: view.id,
    subject_name: view.name,
    field: key,
    source: "person",
    before: setField(view, key, value),
    after: value,
  }));
  return log(world, `Edited ${args.changes.map((one) => one.field).join(", ")} of ${view.name}`, changes);
}

function undo(world: World, args: { operation: string }) {
  const whole = world.operations.find((one) => one.import?.id === args.operation);
  if (whole?.import) {
    const done = log(world, `Undo: ${whole.title}`, [], whole);
    whole.import.undone_by = done.operation;
    return done;
  }
  const done = world.operations.find((one) => one.id === args.operation);
  if (!done) throw { trouble: "not_found", message: `There is no operation ${args.operation}.` };
  for (const change of done.changes) {
    const view = world.entities.find((one) => one.id === change.subject);
    if (view) setField(view, change.field, change.before);
  }
  const back = done.changes.map((change) => ({ ...change, before: change.after, after: change.before }));
  return log(world, `Undo: ${done.title}`, back, done);
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

type Handler = (world: World, args: never) => unknown;
const handlers: Record<string, Handler> = {
  catalog_info: (world) => world.info,
  catalog_open: (world, { path }: { path: string }) => {
    world.info = {
      ...world.info,
      path,
      name:
        path
          .split("/")
          .pop()
          ?.replace(/\.catena$/, "") ?? path,
    };
    return world.info;
  },
  catalog_create: (world, { path }: { path: string }) =>
    Object.assign(world, emptyWorld(), { info: { ...emptyWorld().info, path } }).info,
  sample_open: (world) => Object.assign(world, makeWorld({ calls: world.calls })).info,
  backup: () => null,
  restore: (world) => world.info,
  check: () => ({ holds: true, problems: [] }),
  search,
  saved_views: (world) => world.views,
  saved_view_put: (world, view: SavedView) => {
    world.views = [...world.views.filter((one) => one.name !== view.name), view];
    return null;
  },
  saved_view_delete: (world, { name }: { name: string }) => {
    world.views = world.views.filter((one) => one.name !== name);
    return null;
  },
  entity: (world, { id }: { id: string }) => entityOf(world, id),
  entity_peek: (world, { id }: { id: string }) => {
    const view = entityOf(world, id);
    return view;
  },
  history: (world, args: { id: string | null; limit: number; before: number | null }) =>
    world.operations
      .filter((one) => args.id === null || one.changes.some((change) => change.subject === args.id))
      .map((one) => ({
        ...one,
        changes: one.changes.filter((change) => args.id === null || change.subject === args.id),
      }))
      .filter((one) => args.before === null || one.seq < args.before)
      .slice(0, args.limit),
  edit,
  undo,
  redo: (world) => {
    const last = world.operations[0];
    return last?.undoes ? undo(world, { operation: last.id }) : { operation: null, title: "Nothing to redo" };
  },
  undo_plan: (world, { operation }: { operation: string }) => {
    const whole = world.operations.find((one) => one.import?.id === operation);
    if (whole?.import) {
      const { operations, change_count } = whole.import;
      return { title: whole.title, operations, change_count, changes: [], collision_count: 0, collisions: [] };
    }
    const collisions = world.operations.find((one) => one.id === operation)?.changes ?? [];
    return { title: "", operations: 1, change_count: 0, changes: [], collision_count: collisions.length, collisions };
  },
  passages: () => ({
    own: null,
    versions: [],
    withheld: null,
    chunks: 0,
    stale: 0,
    not_for_retrieval: [],
    not_for_retrieval_total: 0,
  }),
  parts: (world, { id }: { id: string }) => ({ total: 0, rows: entityOf(world, id).parts }),
  merge: (world, args: { into: string; entities: string[] }) => {
    const into = entityOf(world, args.into);
    for (const id of args.entities) into.members.push({ id, name: entityOf(world, id).name, by: "person" });
    world.entities = world.entities.filter((one) => !args.entities.includes(one.id));
    return log(world, `Merged into ${into.name}`, []);
  },
  evidence_verdict: (world, { relation, verdict }: EvidenceVerdictArgs) => {
    for (const view of world.entities) {
      for (const one of view.relations) {
        if (one.relation.from === relation.from && one.relation.to === relation.to && one.kind === relation.kind) {
          one.verdict = verdict;
          one.inferred = verdict !== "accepted";
          one.removed = verdict === "rejected";
        }
      }
    }
    return log(world, "Your word on a relation", []);
  },
  split: (world, args: { entity: string }) => log(world, `Split off ${args.entity}`, []),
  import_start: (world, args: { kind: string; from: string }) => {
    const id = `job-${world.jobs.length + 1}`;
    world.jobs.unshift({
      id,
      title: `Import ${args.kind} from ${args.from}`,
      state: "running",
      done: 0,
      total: null,
      unit: "events",
      rate: null,
      seconds_left: null,
      started_at: new Date().toISOString(),
      ended_at: null,
      report: null,
      error: null,
    });
    return { job: id };
  },
  jobs: (world) => world.jobs,
  job_dismiss: (world, { job }: { job: string }) => {
    world.jobs = world.jobs.filter((one) => one.id !== job);
    return {};
  },
  job_cancel: (world, { job }: { job: string }) => {
    world.jobs = world.jobs.map((one) =>
      one.id === job ? { ...one, state: "cancelled", ended_at: new Date().toISOString() } : one,
    );
    return null;
  },
};

export function answer(world: World, name: string, args: unknown): unknown {
  world.calls.push({ name, args });
  const own = world.answers[name];
  if (own) return own(args as never);
  const handler = handlers[name];
  if (!handler) throw `No use case ${name}`;
  return copy(handler(world, args as never));
}
