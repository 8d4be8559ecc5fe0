import { Copy, Eye, EyeOff, RefreshCw } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "../../shared/Button";
import { copyText } from "../../shared/clipboard";
import { Name } from "../../shared/Name";
import { ErrorPanel } from "../../shared/Panel";
import { errorText, useAct, useRead } from "../../shared/query";
import { toast } from "../../shared/toasts";

/** The secret that clients send; hidden until somebody asks to see it. */
export function ReceiverToken() {
  const { data, error, refetch } = useRead("receiver_token", undefined);
  const renew = useAct("receiver_token_renew");
  const [shown, setShown] = useState(false);
  const [asking, setAsking] = useState(false);
  if (error) return <ErrorPanel what="The token could not be read" error={error} onRetry={() => void refetch()} />;
  if (!data) return null;
  const onRenew = (): void => {
    setAsking(false);
    renew.mutate(undefined, {
      onSuccess: () => toast({ text: "The token was replaced. Clients need the new one" }),
      onError: (problem) => toast({ text: `The token was not replaced: ${errorText(problem)}`, look: "bad" }),
    });
  };
  return (
    <section className="receiver-token" aria-label="Token">
      <div className="receiver-token-line">
        <span className="field-label">Token</span>
        <code className={shown ? "selectable" : ""}>{shown ? data.token : "•".repeat(16)}</code>
        <IconButton
          icon={shown ? EyeOff : Eye}
          size={13}
          label={shown ? "Hide the token" : "Show the token"}
          pressed={shown}
          onPress={() => setShown(!shown)}
        />
        <IconButton icon={Copy} size={13} label="Copy the token" onPress={() => copyText(data.token, "Token copied")} />
        <IconButton
          icon={RefreshCw}
          size={13}
          label="Replace the token"
          isDisabled={renew.isPending}
          onPress={() => setAsking(true)}
        />
      </div>
      {asking && (
        <div className="receiver-ask" role="alertdialog" aria-label="Replace the token">
          <span>Clients that have the present token are refused from then on.</span>
          <div className="source-acts">
            <Button small look="danger" autoFocus onPress={onRenew}>
              Replace
            </Button>
            <Button small look="quiet" onPress={() => setAsking(false)}>
              Keep
            </Button>
          </div>
        </div>
      )}
      <p className="quiet receiver-kept">
        Kept in a file that only you can read: <Name code>{data.kept_in}</Name>
      </p>
    </section>
  );
}
