/** True on machines whose shortcuts use the Command key. */
export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** A shortcut as people know it: `mod+k` is `Ctrl K` here and `⌘K` on a Mac. */
export function keyText(keys: string): string {
  const names: Record<string, string> = isMac
    ? {
        mod: "⌘",
        shift: "⇧",
        alt: "⌥",
        enter: "↩",
        escape: "esc",
        left: "←",
        right: "→",
        space: "space",
        pagedown: "⇟",
        pageup: "⇞",
      }
    : {
        mod: "Ctrl",
        shift: "Shift",
        alt: "Alt",
        enter: "Enter",
        escape: "Esc",
        left: "←",
        right: "→",
        space: "Space",
        pagedown: "PgDn",
        pageup: "PgUp",
      };
  const parts = keys.split("+").map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part));
  return parts.join(isMac ? "" : " ");
}

const keyNames: Record<string, string> = { arrowleft: "left", arrowright: "right", " ": "space" };

/** The shortcut that an event stands for, in the form `mod+shift+k`. */
export function keysOf(event: KeyboardEvent): string {
  const key = event.key.toLowerCase();
  const name = keyNames[key] ?? key;
  const mod = isMac ? event.metaKey : event.ctrlKey;
  // A shifted sign such as ? is its own key; Shift only counts with letters and named keys.
  const shift = event.shiftKey && (name.length > 1 || /[a-z]/.test(name));
  return [mod && "mod", event.altKey && "alt", shift && "shift", name].filter(Boolean).join("+");
}

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

type EscapeStep = () => boolean;
const escapeSteps: EscapeStep[] = [];

/**
 * Esc goes back one step: the latest registered step that has something to take back does so and returns true. A screen
 * registers a step in an effect and calls what this returns when it goes.
 */
export function onEscape(step: EscapeStep): () => void {
  escapeSteps.push(step);
  return () => {
    const at = escapeSteps.lastIndexOf(step);
    if (at >= 0) escapeSteps.splice(at, 1);
  };
}

export const escapeOnce = (): boolean => [...escapeSteps].reverse().some((step) => step());
