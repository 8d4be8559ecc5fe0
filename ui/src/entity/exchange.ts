import { save } from "@tauri-apps/plugin-dialog";
import type { Kind, Standard } from "../api/client";
import { call } from "../shared/query";

const forData: { standard: Standard; label: string }[] = [
  { standard: "croissant", label: "Export as Croissant" },
  { standard: "odcs", label: "Export as data contract" },
];

const forModels: { standard: Standard; label: string }[] = [
  { standard: "cyclonedx", label: "Export as CycloneDX ML-BOM" },
];

/** The standards that have a word for things of this kind. */
export function standardsOf(kind: Kind): { standard: Standard; label: string }[] {
  if (kind === "dataset") return forData;
  return kind === "model" || kind === "model_version" || kind === "logged_model" ? forModels : [];
}

const hex = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Writes the entity in a standard to a file that is asked for; says which, or nothing when none was chosen. */
export async function exportAs(id: string, standard: Standard): Promise<string | null> {
  const { file_name, text } = await call("entity_export", { id, standard });
  const path = await save({
    title: "Export",
    defaultPath: file_name,
    filters: [{ name: "JSON", extensions: ["json"] }],
  });
  if (path) await call("file_save", { path, hex: hex(text) });
  return path;
}
