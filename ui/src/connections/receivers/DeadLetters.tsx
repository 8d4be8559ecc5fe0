import { ChevronDown, ChevronRight, RotateCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import type { DeadLetterView } from "../../api/client";
import { Button } from "../../shared/Button";
import { bytes, count, plural } from "../../shared/format";
import { ErrorPanel, Skeleton } from "../../shared/Panel";
import { errorText, useAct, useReadPages } from "../../shared/query";
import { SafeText } from "../../shared/SafeText";
import { Time } from "../../shared/Time";
import { toast } from "../../shared/toasts";

interface DeadLettersProps {
  protocol: string;
  title: string;
  total: number;
  readOnly: boolean;
}

/** What could not be taken, with the reason: replayed once the cause is gone, or let go. */
export function DeadLetters({ protocol, title, total, readOnly }: DeadLettersProps) {
  const [open, setOpen] = useState(false);
  return (
    <div className="letters">
      <AriaButton className="letters-head" aria-expanded={open} onPress={() => setOpen(!open)}>
        {open ? <ChevronDown size={13} aria-hidden /> : <ChevronRight size={13} aria-hidden />}
        {plural(total, "record")} set aside
      </AriaButton>
      {open && <LetterList protocol={protocol} title={title} readOnly={readOnly} />}
    </div>
  );
}

function LetterList({ protocol, title, readOnly }: Omit<DeadLettersProps, "total">) {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useReadPages(
    "dead_letters",
    { protocol, before: null },
    {
      next: (pages) => {
        const last = pages.at(-1)?.letters.at(-1);
        const here = pages.reduce((sum, page) => sum + page.letters.length, 0);
        return last && here < (pages[0]?.total ?? 0) ? { protocol, before: last.id } : null;
      },
    },
  );
  if (error) return <ErrorPanel what="The list could not be read" error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={3} />;
  const letters = data.pages.flatMap((page) => page.letters);
  return (
    <>
      <ul className="letter-list" aria-label={`Set aside by the ${title} receiver`}>
        {letters.map((letter) => (
          <Letter key={letter.id} letter={letter} readOnly={readOnly} />
        ))}
      </ul>
      {hasNextPage && (
        <Button small look="quiet" isDisabled={isFetchingNextPage} onPress={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}

function Letter({ letter, readOnly }: { letter: DeadLetterView; readOnly: boolean }) {
  const replay = useAct("dead_letter_replay");
  const discard = useAct("dead_letter_discard");
  const [shown, setShown] = useState(false);
  const args = { ids: [letter.id] };
  const busy = replay.isPending || discard.isPending || readOnly;
  return (
    <li className="letter">
      <p className="letter-why selectable">
        <SafeText>{`${letter.where}: ${letter.why}`}</SafeText>
      </p>
      <p className="quiet">
        <Time at={letter.last_at} />
        {letter.times > 1 && `, sent ${count(letter.times)} times`}, {bytes(letter.bytes)}
        {!letter.whole && ", too long to be kept whole"}
      </p>
      <div className="source-acts">
        <Button
          small
          icon={RotateCw}
          isDisabled={busy || !letter.whole}
          onPress={() =>
            replay.mutate(args, {
              onSuccess: ({ rejected }) =>
                toast(
                  rejected[0]
                    ? { text: `It still can't be taken: ${rejected[0].why}`, look: "bad" }
                    : { text: "It is in the catalog now" },
                ),
              onError: (problem) => toast({ text: `It was not replayed: ${errorText(problem)}`, look: "bad" }),
            })
          }
        >
          Replay
        </Button>
        <Button
          small
          look="quiet"
          icon={Trash2}
          isDisabled={busy}
          onPress={() =>
            discard.mutate(args, {
              onError: (problem) => toast({ text: `It was not discarded: ${errorText(problem)}`, look: "bad" }),
            })
          }
        >
          Discard
        </Button>
        <Button small look="quiet" aria-expanded={shown} onPress={() => setShown(!shown)}>
          {shown ? "Hide what was sent" : "Show what was sent"}
        </Button>
      </div>
      {shown && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable from the keyboard
        <pre className="snippet-text selectable" tabIndex={0}>
          <SafeText>{letter.head}</SafeText>
        </pre>
      )}
    </li>
  );
}
