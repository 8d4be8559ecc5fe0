import type { ImportKind } from "../api/client";

export interface Source {
  kind: ImportKind;
  name: string;
  about: string;
  file?: { label: string; extensions: string[] };
  folder?: { label: string };
  server?: { label: string; placeholder: string; hint: string };
}

/** What can be imported, and from where. */
export const sources: Source[] = [
  {
    kind: "files",
    name: "Files",
    about:
      "Tables, models, cards, descriptions, documents: what a file is, is told by its content. Drop files or folders anywhere.",
    file: { label: "File", extensions: ["*"] },
    folder: { label: "Folder" },
  },
  {
    kind: "openlineage",
    name: "OpenLineage",
    about: "Jobs, runs and datasets from events, with column lineage.",
    file: { label: "File of events", extensions: ["json", "ndjson", "jsonl"] },
    folder: { label: "Folder of events" },
    server: {
      label: "Server",
      placeholder: "http://127.0.0.1:5000",
      hint: "The address of a Marquez server, which keeps the events that it was sent.",
    },
  },
  {
    kind: "dbt",
    name: "dbt",
    about: "Models, sources, tests, exposures and column docs from a target folder or dbt docs serve.",
    file: { label: "manifest.json", extensions: ["json"] },
    folder: { label: "Target folder" },
    server: {
      label: "Server",
      placeholder: "http://127.0.0.1:8080",
      hint: "The address at which dbt docs serve shows the project.",
    },
  },
  {
    kind: "mlflow",
    name: "MLflow",
    about: "Experiments, runs, metrics, datasets and registered models.",
    file: { label: "mlflow.db", extensions: ["db", "sqlite", "sqlite3"] },
    folder: { label: "Folder with mlflow.db" },
    server: {
      label: "Server",
      placeholder: "http://127.0.0.1:5000",
      hint: "The address of the MLflow tracking server.",
    },
  },
];
