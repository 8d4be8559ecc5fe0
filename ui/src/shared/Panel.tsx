import { CircleAlert, Copy, type LucideIcon, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./Button";
import { copyText } from "./clipboard";
import { errorText } from "./query";

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}

/** What belongs here and how to get it. */
export function Empty({ icon: Icon, title, children, actions }: EmptyProps) {
  return (
    <div className="empty">
      <Icon size={22} strokeWidth={1.5} aria-hidden />
      <h3>{title}</h3>
      {children && <p>{children}</p>}
      {actions && <div className="empty-actions">{actions}</div>}
    </div>
  );
}

interface ErrorPanelProps {
  /** What could not be done: "The entity could not be read". */
  what: string;
  error: unknown;
  onRetry?(): void;
}

export function ErrorPanel({ what, error, onRetry }: ErrorPanelProps) {
  const why = errorText(error);
  return (
    <div className="error-panel" role="alert">
      <CircleAlert size={16} strokeWidth={1.75} aria-hidden />
      <div className="error-words">
        <strong>{what}</strong>
        <p>{why}</p>
        <div className="error-actions">
          {onRetry && (
            <Button small icon={RotateCw} onPress={onRetry}>
              Try again
            </Button>
          )}
          <Button small look="quiet" icon={Copy} onPress={() => copyText(`${what}\n${why}`, "Error copied")}>
            Copy
          </Button>
        </div>
      </div>
    </div>
  );
}

/** Grey lines in the place of what is being read. */
export function Skeleton({ rows = 6, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are alike and never move
        <span key={row} style={{ width: `${88 - ((row * 29) % 47)}%` }} />
      ))}
    </div>
  );
}
