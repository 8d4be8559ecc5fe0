import { toast } from "./toasts";

/** Copies text and says so. Falls back to a hidden field where the page may not use the clipboard. */
export async function copyText(text: string, said = "Copied"): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast({ text: said });
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.style.position = "fixed";
    field.style.opacity = "0";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    toast(done ? { text: said } : { text: "The text could not be copied", look: "bad" });
  }
}
