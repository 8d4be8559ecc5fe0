import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useEffect } from "react";
import { Button, IconButton } from "./Button";
import { createStore, useStore } from "./store";

export interface ToastContent {
  text: string;
  look?: "good" | "bad";
  action?: { label: string; run(): void };
  /** The operation that it offers to undo or redo: once that is done, however it was, the offer goes. */
  offers?: string;
}
interface Toast extends ToastContent {
  id: number;
}

const toasts = createStore<Toast[]>([]);
let nextId = 1;

/** Says in a corner what has just happened. A toast with an action stays longer. */
export function toast(content: ToastContent): void {
  const id = nextId++;
  toasts.set((now) => [...now.slice(-3), { ...content, id }]);
}

/** Takes back what offers to undo or redo this operation. */
export const dropOffers = (operation: string): void =>
  toasts.set((now) =>
    now.some((one) => one.offers === operation) ? now.filter((one) => one.offers !== operation) : now,
  );

export const dropToast = (id: number): void => toasts.set((now) => now.filter((one) => one.id !== id));

export function Toasts() {
  const shown = useStore(toasts);
  return (
    <section className="toasts" aria-label="Messages" aria-live="polite">
      {shown.map((one) => (
        <ToastCard key={one.id} toast={one} />
      ))}
    </section>
  );
}

function ToastCard({ toast: { id, text, look, action } }: { toast: Toast }) {
  useEffect(() => {
    const timer = window.setTimeout(() => dropToast(id), look === "bad" ? 12_000 : action ? 8000 : 3000);
    return () => window.clearTimeout(timer);
  }, [id, look, action]);
  return (
    <div className="toast" data-look={look} role={look === "bad" ? "alert" : "status"}>
      {look === "bad" ? <CircleAlert size={14} aria-hidden /> : <CircleCheck size={14} aria-hidden />}
      <span>{text}</span>
      {action && (
        <Button
          small
          look="quiet"
          onPress={() => {
            dropToast(id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton icon={X} label="Close" size={13} onPress={() => dropToast(id)} />
    </div>
  );
}
