import { Check, Undo2, X } from "lucide-react";
import type { RelationKey, Verdict } from "../api/client";
import { Button } from "./Button";
import { errorText, useAct } from "./query";
import { toast } from "./toasts";

interface SayProps {
  relation: RelationKey;
  verdict: Verdict | null;
  inferred: boolean;
}

/** A person's word on a relation that nobody declared: it holds, or it stays away whatever is inferred again. */
export function SayOfRelation({ relation, verdict, inferred }: SayProps) {
  const judge = useAct("evidence_verdict");
  if (!inferred && verdict === null) {
    return null;
  }
  const say = (verdict: Verdict | null) =>
    judge.mutate(
      { relation, verdict },
      {
        onError: (error) => toast({ text: `Your word could not be stored: ${errorText(error)}`, look: "bad" }),
      },
    );
  return (
    <div className="say">
      {verdict ? (
        <>
          <span>{verdict === "accepted" ? "You accepted it." : "You rejected it: it stays away."}</span>
          <Button small look="quiet" icon={Undo2} isDisabled={judge.isPending} onPress={() => say(null)}>
            Take back
          </Button>
        </>
      ) : (
        <>
          <Button small look="primary" icon={Check} isDisabled={judge.isPending} onPress={() => say("accepted")}>
            Accept
          </Button>
          <Button small icon={X} isDisabled={judge.isPending} onPress={() => say("rejected")}>
            Reject
          </Button>
        </>
      )}
    </div>
  );
}
