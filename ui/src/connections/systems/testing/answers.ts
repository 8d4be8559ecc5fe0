import type {
  ConnectionAddArgs,
  ConnectionKind,
  ConnectionTestArgs,
  ConnectionTested,
  ConnectionView,
  JobStarted,
} from "../../../api/client";

export const connectionKinds: ConnectionKind[] = [
  {
    kind: "chroma",
    title: "Chroma",
    takes: "the address of a Chroma server (http://host:8000): its collections and their records",
    example: "http://127.0.0.1:8000",
    secret: "Token or password",
    fields: [{ key: "database", label: "Database", hint: "All of them when left empty.", choices: [] }],
  },
  {
    kind: "postgres",
    title: "PostgreSQL",
    takes: "the address of a database (postgres://host:5432/database)",
    example: "postgres://127.0.0.1:5432/shop",
    secret: "Password",
    fields: [
      { key: "user", label: "User", hint: "Who logs in.", choices: [] },
      { key: "tls", label: "TLS", hint: "Required when left empty.", choices: ["require", "off"] },
    ],
  },
  { kind: "sqlite", title: "SQLite", takes: "a path", example: "/data/shop.db", secret: null, fields: [] },
];

export const connection = (change: Partial<ConnectionView> = {}): ConnectionView => ({
  name: "rag-store",
  kind: "chroma",
  kind_title: "Chroma",
  address: "http://127.0.0.1:8000",
  options: {},
  secret: null,
  pulled_at: "2026-11-24T11:20:00Z",
  report: { created: 1_240, changed: 3, same: 98_011, rejected: 2, error: null, cancelled: false },
  minutes: null,
  next_at: null,
  job: null,
  ...change,
});

interface Connected {
  connections: ConnectionView[];
  /** What a test finds, or why it finds nothing. */
  test: ConnectionTested | string;
  /** Why nothing can be added. */
  refuses: string | null;
}

const found: ConnectionTested = {
  system: "PostgreSQL",
  version: "15.14",
  namespace: "postgres://127.0.0.1:5432",
  found: [
    { what: "schemas", count: 2 },
    { what: "tables", count: 1_204 },
  ],
  notes: [],
};

/** Connections that can be added, tested, pulled, scheduled and removed. */
export function connectionAnswers(change: Partial<Connected> = {}): Record<string, (args: never) => unknown> {
  const state: Connected = { connections: [], test: found, refuses: null, ...change };
  const update = (name: string, change: Partial<ConnectionView>): void => {
    state.connections = state.connections.map((one) => (one.name === name ? { ...one, ...change } : one));
  };
  return {
    connection_kinds: () => connectionKinds,
    connections: () => state.connections,
    connection_add: ({ name, kind, address, options, secret }: ConnectionAddArgs): ConnectionView => {
      if (state.refuses) throw { trouble: "refused", message: state.refuses };
      const title = connectionKinds.find((one) => one.kind === kind)?.title ?? kind;
      const added = connection({
        name,
        kind,
        kind_title: title,
        address,
        options,
        secret: secret ? "keychain" : null,
        pulled_at: null,
        report: null,
      });
      state.connections = [...state.connections, added];
      return added;
    },
    connection_test: (_: ConnectionTestArgs): ConnectionTested => {
      if (typeof state.test === "string") throw { trouble: "failed", message: state.test };
      return state.test;
    },
    connection_pull: ({ name }: { name: string }): JobStarted => {
      update(name, { job: "job-pull" });
      return { job: "job-pull" };
    },
    connection_schedule: ({ name, minutes }: { name: string; minutes: number | null }) => {
      const next = minutes === null ? null : new Date(Date.now() + minutes * 60_000).toISOString();
      update(name, { minutes, next_at: next });
      return {};
    },
    connection_remove: ({ name }: { name: string }) => {
      state.connections = state.connections.filter((one) => one.name !== name);
      return {};
    },
  };
}
