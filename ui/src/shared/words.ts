import type { Origin } from "../api/client";

const systems: Record<string, string> = { openlineage: "OpenLineage", mlflow: "MLflow", otel: "OpenTelemetry" };
const systemWords = (system: string): string => systems[system] ?? system;

/** A source as people call it: `mlflow:http://host` is "MLflow at http://host". */
export function sourceWords(source: string): string {
  if (source === "person") return "a person";
  if (source === "catena") return "Catena";
  const at = source.indexOf(":");
  return at > 0 ? `${systemWords(source.slice(0, at))} at ${source.slice(at + 1)}` : systemWords(source);
}

/** The system of a source alone, where room is short. */
export const sourceShort = (source: string): string =>
  source === "person" ? "a person" : source === "catena" ? "Catena" : systemWords(source.split(":")[0] ?? source);

const origins: Record<Origin, string> = {
  window: "the window",
  command_line: "the command line",
  import: "an import",
  receiver: "a receiver",
  connector: "a connector",
  mcp: "an agent",
  hub: "the hub",
};
export const originWords = (origin: string): string => origins[origin as Origin] ?? origin;

/** A method, relation or field name as words: `derives_from` is "derives from". */
export const spaced = (name: string): string => name.replace(/_/g, " ");
