import { CircleAlert, CircleCheck, X } from "lucide-react";
import type { ConnectionTested } from "../../api/client";
import { IconButton } from "../../shared/Button";
import { plural } from "../../shared/format";
import { errorText } from "../../shared/query";
import { SafeText } from "../../shared/SafeText";

interface FoundProps {
  result: ConnectionTested | undefined;
  error: unknown;
  onClose?(): void;
}

/** What a test found at the other end, or why it found nothing. */
export function Found({ result, error, onClose }: FoundProps) {
  if (!result && !error) return null;
  const close = onClose && <IconButton icon={X} size={13} label="Close the test's result" onPress={onClose} />;
  if (error) {
    return (
      <div className="system-found bad selectable" role="alert">
        <CircleAlert size={14} aria-hidden />
        <p>
          <SafeText>{errorText(error)}</SafeText>
        </p>
        {close}
      </div>
    );
  }
  if (!result) return null;
  return (
    <div className="system-found selectable" role="status">
      <CircleCheck size={14} aria-hidden />
      <div>
        <p>
          <strong>
            <SafeText>{result.system}</SafeText>
          </strong>{" "}
          {result.version && <SafeText>{result.version}</SafeText>}
        </p>
        {result.found.length > 0 && (
          <p>{result.found.map((one) => plural(one.count, one.what.replace(/s$/, ""), one.what)).join(", ")}</p>
        )}
        <p className="quiet">
          Names will begin with <code>{result.namespace}</code>
        </p>
        {result.notes.map((note) => (
          <p key={note.where} className="quiet">
            <SafeText>{`${note.where}: ${note.why}`}</SafeText>
          </p>
        ))}
      </div>
      {close}
    </div>
  );
}
