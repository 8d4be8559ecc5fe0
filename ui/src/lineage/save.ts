// Writes an export where the person says.

import { invoke, isTauri } from "@tauri-apps/api/core";
import { save } from "@tauri-apps/plugin-dialog";
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
      await invoke("use_case", { name: "file_save", args: { path, base64: await base64(content) } });
    } else download(name, content);
    toast({ text: `Exported ${name}`, look: "good" });
    return true;
  } catch (error) {
    toast({ text: `The export could not be written: ${errorText(error)}`, look: "bad" });
    return false;
  }
}

function base64(content: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(reader.error ?? new Error("the export could not be read"));
    reader.readAsDataURL(content);
  });
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
