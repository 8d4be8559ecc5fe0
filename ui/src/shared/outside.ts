import { invoke } from "@tauri-apps/api/core";
import { errorText } from "./query";
import { toast } from "./toasts";

/** Opens an address in the person's own browser. The window itself never leaves the app. */
export async function openOutside(url: string): Promise<void> {
  try {
    await invoke("open_link", { url });
  } catch (error) {
    toast({ text: `The link was not opened: ${errorText(error)}`, look: "bad" });
  }
}
