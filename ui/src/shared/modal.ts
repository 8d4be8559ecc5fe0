import { useEffect, useRef } from "react";

/** Whether a question or a dialog lies over the window. While one does, only its own keys and Esc work. */
export const modalOpen = (): boolean => document.querySelector(".scrim") !== null;

/**
 * Enter does what the dialog's main button would, unless something in it has its own use for Enter. Null: not yet. The
 * very press that opened the dialog, and one held down, confirm nothing.
 */
export function useEnter(confirm: (() => void) | null): void {
  const latest = useRef(confirm);
  latest.current = confirm;
  useEffect(() => {
    const since = performance.now();
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== "Enter" || event.repeat || event.defaultPrevented || event.timeStamp <= since) return;
      if (event.target instanceof Element && event.target.closest("button, a, textarea, select")) return;
      if (!latest.current) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
