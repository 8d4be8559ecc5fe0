// Writes an export where the person says.

import { isTauri } from "@tauri-apps/api/core";
import { save } from "@tauri-apps/plugin-dialog";
import { file_save } from "../api/client";
import { errorText } from "../shared/query";
import { toast } from "../shared/toasts";

const WORDS: Record<string, string> = { png: "Picture", svg: "Drawing", csv: "Table" };

/** Asks where to and writes; false when the person thought better of it. */
export async function saveAs(name: string, content: Blob): Promise<boolean> {
  const extension = name.slice(name.lastIndexOf(".") + 1);
  try {
    if (isTauri()) {
      const path = await save({
        title: "Export lineage",
        defaultPath: name,
        filters: [{ name: WORDS[extension] ?? "File", extensions: [extension] }],
      });
      if (!path) return false;
      await file_save({ path, hex: hexOf(new Uint8Array(await content.arrayBuffer())) });
    } else download(name, content);
    toast({ text: `Exported ${name}`, look: "good" });
    return true;
  } catch (error) {
    toast({ text: `The export could not be written: ${errorText(error)}`, look: "bad" });
    return false;
  }
}

const DIGITS = new TextEncoder().encode("0123456789abcdef");

/** Two digits for each byte, made as bytes: joining a string for each of millions would take seconds. */
export function hexOf(bytes: Uint8Array): string {
  const text = new Uint8Array(bytes.length * 2);
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    text[at * 2] = DIGITS[byte >> 4] as number;
    text[at * 2 + 1] = DIGITS[byte & 15] as number;
  }
  return new TextDecoder().decode(text);
}

/** In a plain browser, where development happens. */
function download(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A file name that every system takes. */
export function fileNameOf(title: string, extension: string): string {
  const plain = title
    .normalize("NFKC")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: file systems refuse them
    .replace(/[\u0000-\u001f<>:"/\\|?*]+/g, "_")
    .slice(0, 80)
    .replace(/[. ]+$/, "");
  return `${plain || "lineage"}-lineage.${extension}`;
}
