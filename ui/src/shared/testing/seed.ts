import type {
  EntityRelation,
  EntityView,
  FieldValue,
  Job,
  Json,
  Kind,
  Known,
  OperationView,
  Origin,
  RelationKind,
  SchemaChange,
  SchemaColumn,
  SchemaVersion,
} from "../../api/client";

/* The world of `world.ts`: delays of flights, from raw tables to features, models, prompts and answers. */
type Ago = (minutes: number) => string;

const columns: Record<string, [type: string, about: string | null][]> = {
  flight_id: [["VARCHAR", "Carrier, number and scheduled departure in UTC. Unique."]],
  carrier: [["VARCHAR", "IATA code of the operating carrier."]],
  origin: [["VARCHAR", "IATA code of the airport of departure."]],
  dest: [["VARCHAR", "IATA code of the airport of arrival."]],
  sched_dep_time: [["TIMESTAMP", "Scheduled departure, UTC."]],
  dep_delay_minutes: [["INTEGER", "Minutes between scheduled and actual departure. Negative when early."]],
  arr_delay_minutes: [["INTEGER", null]],
  air_time_minutes: [["DOUBLE", "Time in the air, from wheels up to wheels down."]],
  distance_miles: [["DOUBLE", "Great-circle distance between the two airports."]],
  temp_f: [["DOUBLE", "Temperature at the hour of departure, degrees Fahrenheit."]],
  wind_speed_mph: [["DOUBLE", null]],
  visibility_miles: [["DOUBLE", "Horizontal visibility, capped at 10."]],
  hour_of_day: [["SMALLINT", "0 to 23 in the local time of the origin."]],
  day_of_week: [["SMALLINT", "1 is Monday."]],
  carrier_delay_rate_30d: [
    ["DOUBLE", "Share of the carrier's flights of the last 30 days that left over 15 minutes late."],
  ],
  is_delayed: [["BOOLEAN", "True when departure was over 15 minutes late. The target."]],
};

const owners = ["Ada Okafor", "Jun Park", "data-platform", "Lena Vogt"];
const field = (
  key: string,
  value: Json,
  known: Known,
  source: string,
  at: string,
  more: Partial<FieldValue> = {},
): FieldValue => ({
  key,
  value,
  known,
  source,
  at,
  edited: false,
  others: [],
  ...more,
});

interface Draft {
  kind: Kind;
  name: string;
  namespace: string;
  qualified: string;
  source: string;
  about?: string;
  tags?: string[];
  owner?: number;
  columns?: string[];
  fields?: [string, Json, Known][];
}

const duck = "duckdb:///srv/warehouse/flights.duckdb";
const dbt = "dbt://flights_analytics";
const mlflow = "mlflow://tracking.internal:5000";
const all = Object.keys(columns);

const drafts: Draft[] = [
  {
    kind: "dataset",
    name: "raw.flights",
    namespace: duck,
    qualified: "flights.raw.flights",
    source: "dbt:flights_analytics",
    about:
      "Every departure from the three New York airports in 2013, one row per flight.\n\nLoaded once a day by `ingest_flights`. Rows are never changed after 48 hours.",
    tags: ["raw", "daily"],
    owner: 2,
    columns: all.slice(0, 9),
    fields: [
      ["rows", 336_776, "detected"],
      ["materialized", "table", "declared"],
      ["size", "28.4 MB", "detected"],
    ],
  },
  {
    kind: "dataset",
    name: "raw.weather",
    namespace: duck,
    qualified: "flights.raw.weather",
    source: "dbt:flights_analytics",
    about: "Hourly weather at each airport of departure.",
    tags: ["raw", "daily"],
    owner: 2,
    columns: ["origin", "temp_f", "wind_speed_mph", "visibility_miles"],
  },
  {
    kind: "dataset",
    name: "raw.airports",
    namespace: duck,
    qualified: "flights.raw.airports",
    source: "dbt:flights_analytics",
    about: "Names and places of airports.",
    tags: ["raw"],
    owner: 2,
    columns: ["origin"],
  },
  {
    kind: "dataset",
    name: "stg_flights",
    namespace: duck,
    qualified: "flights.staging.stg_flights",
    source: "dbt:flights_analytics",
    about: "Flights with typed columns and times in UTC.",
    tags: ["staging"],
    owner: 0,
    columns: all.slice(0, 9),
  },
  {
    kind: "dataset",
    name: "stg_weather",
    namespace: duck,
    qualified: "flights.staging.stg_weather",
    source: "dbt:flights_analytics",
    about: "Weather with one row per airport and hour.",
    tags: ["staging"],
    owner: 0,
    columns: ["origin", "temp_f", "wind_speed_mph", "visibility_miles"],
  },
  {
    kind: "dataset",
    name: "fct_departures",
    namespace: duck,
    qualified: "flights.marts.fct_departures",
    source: "dbt:flights_analytics",
    about:
      "One row per departure with weather at the hour of departure.\n\n- Left join to weather, so weather may be missing\n- Cancelled flights are **not** in it\n- See `stg_flights` for how times are made",
    tags: ["mart", "tier-1", "pii-free"],
    owner: 0,
    columns: all.slice(0, 12),
    fields: [
      ["materialized", "incremental", "declared"],
      ["rows", 328_521, "detected"],
      ["freshness", "6 hours", "inferred"],
      ["license", "CC0 1.0", "declared"],
    ],
  },
  {
    kind: "dataset",
    name: "ftr_departure_delay_features_v2",
    namespace: duck,
    qualified: "flights.features.ftr_departure_delay_features_v2",
    source: "dbt:flights_analytics",
    about: "Features of the departure delay models, one row per flight.",
    tags: ["features", "tier-1"],
    owner: 1,
    columns: ["flight_id", ...all.slice(9)],
  },
  {
    kind: "dataset",
    name: "ftr_departure_delay_features_v1",
    namespace: duck,
    qualified: "flights.features.ftr_departure_delay_features_v1",
    source: "dbt:flights_analytics",
    about: "Replaced by v2, which adds the carrier's own delay rate.",
    tags: ["features", "deprecated"],
    owner: 1,
    columns: ["flight_id", "hour_of_day", "day_of_week", "is_delayed"],
  },
  {
    kind: "model",
    name: "departure_delay_classifier",
    namespace: mlflow,
    qualified: "departure_delay_classifier",
    source: "mlflow:http://tracking.internal:5000",
    about: "Will this flight leave over 15 minutes late? Gradient boosting on `ftr_departure_delay_features_v2`.",
    tags: ["tier-1", "production"],
    owner: 1,
    fields: [
      ["aliases", ["champion", "challenger"], "declared"],
      ["framework", "scikit-learn 1.7", "detected"],
    ],
  },
  ...[1, 2, 3, 4, 5, 6, 7].map(
    (version): Draft => ({
      kind: "model_version",
      name: `departure_delay_classifier v${version}`,
      namespace: mlflow,
      qualified: `departure_delay_classifier/${version}`,
      source: "mlflow:http://tracking.internal:5000",
      tags: version === 7 ? ["champion"] : [],
      owner: 1,
    }),
  ),
  {
    kind: "experiment",
    name: "departure-delay",
    namespace: mlflow,
    qualified: "experiments/3",
    source: "mlflow:http://tracking.internal:5000",
    about: "Baseline, boosting and calibration for the departure delay classifier.",
    owner: 1,
  },
  ...["baseline-logreg", "hgb-depth-6", "hgb-depth-8-carrier-rate", "hgb-depth-8-calibrated", "hgb-no-weather"].map(
    (name, index): Draft => ({
      kind: "run",
      name,
      namespace: mlflow,
      qualified: `runs/4f1c9a0${index}d2e84`,
      source: "mlflow:http://tracking.internal:5000",
      owner: 1,
      fields: [
        ["auc", 0.71 + index * 0.024, "synced"],
        ["status", index === 4 ? "failed" : "finished", "synced"],
      ],
    }),
  ),
  {
    kind: "job",
    name: "flights_analytics.run",
    namespace: dbt,
    qualified: "flights_analytics.build.run",
    source: "openlineage:airflow",
    about: "Daily dbt build of the warehouse.",
    owner: 2,
  },
  {
    kind: "job",
    name: "train_departure_delay_classifier",
    namespace: "airflow://scheduler",
    qualified: "ml.train_departure_delay_classifier",
    source: "openlineage:airflow",
    about: "Weekly training, registers a version when AUC gets better.",
    owner: 1,
  },
  {
    kind: "pipeline",
    name: "daily_departures",
    namespace: "airflow://scheduler",
    qualified: "daily_departures",
    source: "openlineage:airflow",
    owner: 2,
  },
  {
    kind: "prompt",
    name: "explain_delay",
    namespace: mlflow,
    qualified: "prompts/explain_delay",
    source: "mlflow:http://tracking.internal:5000",
    about: "Explains a predicted delay to a passenger in two sentences.",
    tags: ["customer-facing"],
    owner: 3,
  },
  {
    kind: "prompt_version",
    name: "explain_delay v4",
    namespace: mlflow,
    qualified: "prompts/explain_delay/4",
    source: "mlflow:http://tracking.internal:5000",
    owner: 3,
  },
  {
    kind: "output",
    name: "Why is UA1545 late tonight?",
    namespace: "otel://assistant",
    qualified: "trace/9a5d36e9e198",
    source: "otel:assistant",
    about: "Answer of the delay assistant, 3 passages cited.",
    owner: 3,
  },
  {
    kind: "trace",
    name: "assistant.answer",
    namespace: "otel://assistant",
    qualified: "trace/9a5d36e9e198a05b",
    source: "otel:assistant",
  },
  {
    kind: "agent",
    name: "delay-assistant",
    namespace: "otel://assistant",
    qualified: "delay-assistant",
    source: "otel:assistant",
    about: "Answers passengers' questions about delays.",
    owner: 3,
  },
  {
    kind: "tool",
    name: "lookup_flight_status",
    namespace: "mcp://ops",
    qualified: "lookup_flight_status",
    source: "otel:assistant",
  },
  {
    kind: "dashboard",
    name: "On-time performance",
    namespace: dbt,
    qualified: "exposure.on_time_performance",
    source: "dbt:flights_analytics",
    about: "Weekly view for operations.",
    tags: ["tier-1"],
    owner: 2,
  },
  {
    kind: "document",
    name: "Irregular operations handbook 2026.pdf",
    namespace: "file:///srv/docs",
    qualified: "handbook/irops-2026.pdf",
    source: "openlineage:airflow",
    owner: 3,
  },
  {
    kind: "term",
    name: "On-time departure",
    namespace: "skos://ops",
    qualified: "ops/on-time-departure",
    source: "person",
    about: "A departure at most 15 minutes after schedule.",
  },
  {
    kind: "dataset",
    name: "com.flights.operations.eu-central-1.snapshots.departures_with_weather_and_aircraft_rotation_2026_11",
    namespace: "s3://flights-lake",
    qualified: "snapshots/departures_with_weather_and_aircraft_rotation_2026_11",
    source: "openlineage:airflow",
    about: "Monthly snapshot.",
    tags: ["snapshot"],
  },
  {
    kind: "dataset",
    name: "invoice\u202Efdp.exe",
    namespace: "s3://inbox",
    qualified: "inbox/invoice\u202Efdp.exe",
    source: "openlineage:airflow",
    about: "<b>Not bold</b> <script>alert(1)</script>",
    tags: ["quarantine"],
  },
];

function bulk(): Draft[] {
  const nouns = ["departures", "arrivals", "rotations", "crews", "gates", "bags", "slots", "tails", "fares", "claims"];
  const layers = ["raw", "staging", "marts", "features", "export"];
  return nouns.flatMap((noun, n) =>
    layers.flatMap((layer, l) =>
      [2023, 2024, 2025, 2026].map(
        (year): Draft => ({
          kind: "dataset",
          name: `${layer === "staging" ? "stg_" : ""}${noun}_${year}`,
          namespace: (n + l) % 3 === 0 ? "snowflake://acme.eu" : "postgres://ops-db:5432",
          qualified: `ops.${layer}.${noun}_${year}`,
          source: "openlineage:airflow",
          about: `${noun.charAt(0).toUpperCase()}${noun.slice(1)} of ${year}, ${layer} layer.`,
          tags: [layer === "staging" ? "staging" : layer],
          owner: (n + l) % 4,
          columns: ["flight_id", "carrier", "origin"],
        }),
      ),
    ),
  );
}

function schemaOf(draft: Draft, id: string): SchemaColumn[] {
  return (draft.columns ?? []).map((name, index) => {
    const [type, about] = columns[name]?.[0] ?? ["VARCHAR", null];
    const tags = name === "is_delayed" ? ["target"] : name === "flight_id" ? ["key"] : [];
    return {
      id: `${id}-c${index}`,
      name,
      depth: 0,
      data_type: type,
      description: about,
      tags,
      position: index + 1,
      removed: false,
    };
  });
}

const named = (namespace: string, name: string, source: string) => ({
  namespace,
  name,
  text: `${namespace}/${name}`,
  source,
});

/** One table's schema changed twice, and what is made of it says so. */
function changeSchema(entities: EntityView[], ago: Ago): void {
  const table = entities.find((one) => one.name === "stg_flights");
  const reader = entities.find((one) => one.name === "fct_departures");
  if (!table || !reader) return;
  const version = (version: string, minutes: number, rating: SchemaVersion["rating"], changes: SchemaChange[]) => ({
    source: "dbt:flights",
    version,
    at: ago(minutes),
    rating,
    changes,
  });
  const gone: SchemaChange = {
    path: "tail_num",
    difference: "removed",
    what: "column",
    before: "VARCHAR",
    after: null,
    rating: "breaking",
  };
  table.schema_versions = [
    version("2.0.0", 120, "breaking", [
      gone,
      { path: "distance_km", difference: "added", what: "column", before: null, after: "DOUBLE", rating: "compatible" },
    ]),
    version("1.1.0", 4_000, "risky", [
      {
        path: "delay_minutes",
        difference: "changed",
        what: "type",
        before: "INTEGER",
        after: "DOUBLE",
        rating: "risky",
      },
      {
        path: "carrier",
        difference: "changed",
        what: "nullable",
        before: "required",
        after: "optional",
        rating: "risky",
      },
    ]),
    version("1.0.0", 20_000, null, []),
  ];
  const latest = table.schema_versions[0];
  if (latest) {
    reader.upstream_changes = [{ entity: { id: table.id, kind: table.kind, name: table.name }, version: latest }];
  }
}

function toView(draft: Draft, index: number, ago: Ago): EntityView {
  const id = `0192f3c4-${(index + 4096).toString(16)}-7a31-9c55-5d2e8f10${(index + 4096).toString(16)}`;
  const at = ago(90 + index * 37);
  const schema = schemaOf(draft, id);
  const owner = draft.owner === undefined ? null : owners[draft.owner];
  const about = draft.about ? [field("description", draft.about, "declared", draft.source, at)] : [];
  const tags = draft.tags?.length ? [field("tags", draft.tags, "declared", draft.source, at)] : [];
  const owned = owner ? [field("owners", [owner], index % 3 === 0 ? "inferred" : "declared", draft.source, at)] : [];
  const rest = (draft.fields ?? []).map(([key, value, known]) => field(key, value, known, draft.source, at));
  return {
    id,
    kind: draft.kind,
    name: draft.name,
    parent: null,
    qualified_names: [named(draft.namespace, draft.qualified, draft.source)],
    members: [],
    fields: [...about, ...owned, ...tags, ...rest],
    facets: [],
    schema,
    schema_versions: [],
    upstream_changes: [],
    relations: [],
    parts: [],
    metrics: [],
    counts: { upstream: 0, downstream: 0, relations: 0, parts: schema.length },
    activity: null,
  };
}

const links: [from: string, kind: string, to: string][] = [
  ["stg_flights", "derives_from", "raw.flights"],
  ["stg_weather", "derives_from", "raw.weather"],
  ["fct_departures", "derives_from", "stg_flights"],
  ["fct_departures", "derives_from", "stg_weather"],
  ["fct_departures", "derives_from", "raw.airports"],
  ["ftr_departure_delay_features_v2", "derives_from", "fct_departures"],
  ["ftr_departure_delay_features_v1", "derives_from", "fct_departures"],
  ["On-time performance", "reads", "fct_departures"],
  ["flights_analytics.run", "writes", "fct_departures"],
  ["train_departure_delay_classifier", "reads", "ftr_departure_delay_features_v2"],
  ["departure_delay_classifier v7", "trained_on", "ftr_departure_delay_features_v2"],
  ["hgb-depth-8-calibrated", "produces", "departure_delay_classifier v7"],
  ["departure_delay_classifier v7", "part_of", "departure_delay_classifier"],
  ["Why is UA1545 late tonight?", "uses_prompt", "explain_delay v4"],
  ["Why is UA1545 late tonight?", "cites", "Irregular operations handbook 2026.pdf"],
  [
    "com.flights.operations.eu-central-1.snapshots.departures_with_weather_and_aircraft_rotation_2026_11",
    "derives_from",
    "fct_departures",
  ],
];

function relate(views: EntityView[], ago: Ago): void {
  const byName = new Map(views.map((view) => [view.name, view]));
  links.forEach(([fromName, kind, toName], index) => {
    const from = byName.get(fromName);
    const to = byName.get(toName);
    if (!from || !to) return;
    const said = (source: string, method: string, confidence: number, minutes: number, detail: Json) => ({
      source,
      method,
      confidence,
      first_at: ago(20_000),
      at: ago(minutes + index),
      withdrawn: false,
      detail,
    });
    const sql = { sql: `select * from {{ ref('${toName}') }}`, file: `models/${fromName}.sql` };
    const guess = said("catena", "name_matched", 75, 30, { matched_by: "table named in metadata" });
    const declared = [
      said("dbt:flights_analytics", "declared", 100, 200, sql),
      ...(index % 2 === 0 ? [said("openlineage:airflow", "parsed_sql", 92, 40, null)] : []),
    ];
    const inferred = index === 4;
    const evidence = inferred ? [guess] : declared;
    const state = { removed: index === 6, inferred };
    const end = (view: EntityView): EntityRelation["other"] => ({ id: view.id, kind: view.kind, name: view.name });
    const relation = { from: from.id, kind: kind as RelationKind, to: to.id };
    const common = { kind, relation, verdict: null, ...state, evidence };
    from.relations.push({ id: `r${index}o`, direction: "out", other: end(to), ...common });
    to.relations.push({ id: `r${index}i`, direction: "in", other: end(from), ...common });
  });
  for (const view of views) {
    view.counts.relations = view.relations.length;
    view.counts.upstream = view.relations.filter((one) => one.direction === "out").length * 3;
    view.counts.downstream = view.relations.filter((one) => one.direction === "in").length * 4;
  }
}

function enrich(views: EntityView[], ago: Ago): void {
  const mart = views.find((view) => view.name === "fct_departures");
  if (!mart) return;
  mart.qualified_names.push(
    named(dbt, "model.flights_analytics.fct_departures", "dbt:flights_analytics"),
    named(mlflow, "datasets/fct_departures@a1b2c3", "mlflow:http://tracking.internal:5000"),
  );
  const about = mart.fields.find((one) => one.key === "description");
  if (about) {
    about.edited = true;
    about.others = [{ source: "openlineage:airflow", value: "Departures fact table.", at: ago(900) }];
  }
  const unknown = { title: null, description: null, fields: [], problems: [] };
  mart.facets = [
    {
      name: "dataSource",
      about: null,
      ...unknown,
      source: "openlineage:airflow",
      at: ago(44),
      value: { name: "duckdb", uri: "duckdb:///srv/warehouse/flights.duckdb" },
    },
    {
      name: "dataQualityMetrics",
      about: null,
      ...unknown,
      source: "openlineage:airflow",
      at: ago(44),
      value: {
        rowCount: 328_521,
        bytes: 21_336_064,
        columnMetrics: {
          dep_delay_minutes: { nullCount: 0, min: -43, max: 1301 },
          temp_f: { nullCount: 1573, min: 10.9, max: 100.04 },
        },
      },
    },
    {
      name: "dbt.config",
      about: null,
      ...unknown,
      source: "dbt:flights_analytics",
      at: ago(200),
      value: {
        materialized: "incremental",
        unique_key: "flight_id",
        on_schema_change: "fail",
        meta: null,
        tags: ["mart", "tier-1"],
      },
    },
    {
      name: "storage",
      about: null,
      source: "openlineage:airflow",
      at: ago(44),
      value: { storageLayer: 7, fileFormat: "native" },
      title: "Storage",
      description: "How the dataset is stored.",
      fields: [
        { path: "storageLayer", description: "The storage system: iceberg, delta, duckdb." },
        { path: "fileFormat", description: "The files' format." },
      ],
      problems: [{ where: "storageLayer", what: 'the value is not of type "string"' }],
    },
    {
      name: "flightsTeam_retention",
      about: null,
      ...unknown,
      source: "openlineage:airflow",
      at: ago(44),
      value: { days: 730, legalHold: false, reason: "Regulation 261/2004" },
    },
  ];
  mart.members = [{ id: "0192f3c4-2005", name: "fct_departures@a1b2c3", by: "same_table" }];
  const run = views.find((view) => view.name === "hgb-depth-8-calibrated");
  if (run) {
    const curve = Array.from({ length: 60 }, (_, step): [number, number] => [
      step,
      0.58 + 0.24 * (1 - Math.exp(-step / 14)),
    ]);
    run.metrics = [
      { key: "validation_auc", count: 60, last: 0.8167, last_text: "0.8167", points: curve },
      {
        key: "log_loss",
        count: 60,
        last: 0.412,
        last_text: "0.412",
        points: curve.map(([step, value]) => [step, 1.2 - value]),
      },
    ];
  }
}

function operationsOf(views: EntityView[], ago: Ago): OperationView[] {
  const named = (name: string): EntityView => views.find((view) => view.name === name) ?? (views[0] as EntityView);
  const change = (view: EntityView, key: string, before: Json, after: Json) => ({
    subject: view.id,
    subject_name: view.name,
    field: key,
    source: "person",
    before,
    after,
  });
  const mart = named("fct_departures");
  const model = named("departure_delay_classifier");
  const base = { on_behalf_of: null, origin: "window" as Origin, cause: null, undone_by: null, undoes: null };
  const list: Omit<OperationView, "seq" | "id" | "change_count">[] = [
    {
      ...base,
      title: "Described fct_departures",
      actor: "Ada Okafor",
      at: ago(12),
      changes: [
        change(
          mart,
          "description",
          "Departures fact table.",
          "One row per departure with weather at the hour of departure.",
        ),
      ],
    },
    {
      ...base,
      title: "Tagged fct_departures with tier-1",
      actor: "Ada Okafor",
      at: ago(14),
      changes: [change(mart, "tags", ["mart"], ["mart", "tier-1", "pii-free"])],
    },
    {
      ...base,
      title: "Renamed churn_tmp to fct_departures_old",
      actor: "Jun Park",
      at: ago(51),
      undone_by: "op-5",
      changes: [change(mart, "name", "fct_departures", "fct_departures_old")],
    },
    {
      ...base,
      title: "Import of 1,204 OpenLineage events",
      actor: "Ada Okafor",
      origin: "import",
      at: ago(58),
      cause: "events/2026-11-24.ndjson",
      changes: [change(mart, "rows", 327_990, 328_521), change(named("raw.flights"), "rows", 336_201, 336_776)],
    },
    {
      ...base,
      title: "Owner of departure_delay_classifier set to Jun Park",
      actor: "catalog-agent",
      on_behalf_of: "Lena Vogt",
      origin: "mcp",
      at: ago(190),
      changes: [change(model, "owners", [], ["Jun Park"])],
    },
    {
      ...base,
      title: "Merged fct_departures of MLflow into fct_departures",
      actor: "Ada Okafor",
      at: ago(300),
      changes: [change(mart, "members", null, ["0192f3c4-1005"])],
    },
    {
      ...base,
      title: "Import of dbt project flights_analytics",
      actor: "Ada Okafor",
      origin: "import",
      at: ago(1500),
      cause: "target/",
      changes: views.slice(0, 40).map((view) => change(view, "name", null, view.name)),
    },
    {
      ...base,
      title: "Import of MLflow server",
      actor: "Ada Okafor",
      origin: "import",
      at: ago(1510),
      changes: views.slice(8, 24).map((view) => change(view, "name", null, view.name)),
    },
  ];
  return list.map((one, index) => ({
    ...one,
    seq: list.length - index,
    id: `op-${list.length - index}`,
    change_count: one.changes.length,
  }));
}

function jobsOf(ago: Ago): Job[] {
  const base = {
    unit: "events",
    rate: null,
    seconds_left: null,
    ended_at: null,
    report: null,
    error: null,
    total: null,
  };
  return [
    {
      ...base,
      id: "job-3",
      title: "Import OpenLineage from events/2026-11-24.ndjson",
      state: "running",
      done: 61_240,
      total: 120_000,
      rate: 11_830,
      seconds_left: 5,
      started_at: ago(0.1),
    },
    {
      ...base,
      id: "job-2",
      title: "Import OpenLineage from events/2026-11-23.ndjson",
      state: "done",
      done: 98_110,
      total: 98_110,
      started_at: ago(58),
      ended_at: ago(57),
      report: {
        created: 412,
        changed: 1203,
        same: 96_488,
        rejected: [
          { where: "2026-11-23.ndjson line 7", why: "The JSON ends in the middle of a text. Export the file again." },
          { where: "2026-11-23.ndjson line 2,114", why: "eventTime is a number; a time in ISO 8601 is needed." },
          { where: "2026-11-23.ndjson line 40,022", why: "The line is 300 MB long; 64 MB is the most." },
          { where: "2026-11-23.ndjson line 61,900", why: "It is nested 10,000 levels deep; 128 is the most." },
        ],
      },
    },
    {
      ...base,
      id: "job-1",
      title: "Import MLflow from http://tracking.internal:5000",
      state: "failed",
      unit: "runs",
      done: 1830,
      started_at: ago(300),
      ended_at: ago(299),
      error: "The server stopped answering after 1,830 runs. What came is stored; run it again to go on from there.",
    },
    {
      ...base,
      id: "job-0",
      title: "Import dbt from target",
      state: "done",
      unit: "nodes",
      done: 214,
      total: 214,
      started_at: ago(1500),
      ended_at: ago(1499),
      report: { created: 214, changed: 0, same: 0, rejected: [] },
    },
  ];
}

export function seed(ago: Ago): { entities: EntityView[]; operations: OperationView[]; jobs: Job[] } {
  const entities = [...drafts, ...bulk()].map((draft, index) => toView(draft, index, ago));
  changeSchema(entities, ago);
  relate(entities, ago);
  enrich(entities, ago);
  return { entities, operations: operationsOf(entities, ago), jobs: jobsOf(ago) };
}
