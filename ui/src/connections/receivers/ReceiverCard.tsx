import { Copy } from "lucide-react";
import { useId, useState } from "react";
import { Switch } from "react-aria-components";
import type { ReceiverView } from "../../api/client";
import { Button, IconButton } from "../../shared/Button";
import { copyText } from "../../shared/clipboard";
import { TextInput } from "../../shared/Field";
import { count } from "../../shared/format";
import { errorText, useAct, useRead } from "../../shared/query";
import { SafeText } from "../../shared/SafeText";
import { Time } from "../../shared/Time";
import { DeadLetters } from "./DeadLetters";
import { Snippets } from "./Snippets";
import { Sparkline } from "./Sparkline";

const portOf = (text: string): number | null => {
  const port = Number(text);
  return /^\d+$/.test(text.trim()) && port >= 1024 && port <= 65_535 ? port : null;
};

/** One receiver: its switch, what it sees, and what to paste into the systems that send to it. */
export function ReceiverCard({ receiver, readOnly }: { receiver: ReceiverView; readOnly: boolean }) {
  const { protocol, title, address, seen, letters } = receiver;
  const start = useAct("receiver_start");
  const stop = useAct("receiver_stop");
  const [text, setText] = useState<string | null>(null);
  const about = useId();
  const on = address !== null;
  const port = portOf(text ?? String(receiver.port));
  const switchOn = (wanted: number | null): void => {
    stop.reset();
    start.mutate({ protocol, port: wanted }, { onSuccess: (reply) => reply.address && setText(null) });
  };
  const taken = start.data?.taken;
  const quiet = seen !== null && seen.accepted + seen.rejected + seen.refused === 0;
  const problem = start.error ?? stop.error;
  return (
    <section className="receiver" aria-label={title}>
      <div className="receiver-head">
        <h3>{title}</h3>
        <Switch
          className="switch"
          isSelected={on}
          isDisabled={start.isPending || stop.isPending || (!on && (readOnly || port === null))}
          aria-describedby={about}
          onChange={(wanted) => {
            start.reset();
            if (wanted) switchOn(port);
            else stop.mutate({ protocol });
          }}
        >
          <span className="switch-track" aria-hidden />
          <span>{on ? "On" : "Off"}</span>
          <span className="sr-only">, {title} receiver</span>
        </Switch>
      </div>
      {on ? (
        <p className="receiver-address" id={about}>
          <code className="selectable">{address}</code>
          <IconButton icon={Copy} size={13} label={`Copy the ${title} address`} onPress={() => copyText(address)} />
        </p>
      ) : (
        <div className="receiver-port" id={about}>
          <TextInput
            label="Port"
            value={text ?? String(receiver.port)}
            onChange={(value) => {
              setText(value);
              start.reset();
            }}
            {...(port === null ? { hint: "A port is a number from 1024 to 65535." } : {})}
            code
            onEnter={() => !readOnly && port !== null && switchOn(port)}
          />
        </div>
      )}
      {taken && !on && (
        <div className="receiver-problem" role="alert">
          Port {taken.port} is taken by another program.{" "}
          {taken.free > 0 && (
            <Button small onPress={() => switchOn(taken.free)}>
              Use {taken.free}
            </Button>
          )}
        </div>
      )}
      {problem && (
        <p className="receiver-problem" role="alert">
          <SafeText>{errorText(problem)}</SafeText>
        </p>
      )}
      {!on && !taken && !problem && receiver.problem && (
        <p className="receiver-problem" role="status">
          It was on when this catalog was last open, and could not be switched on again:{" "}
          <SafeText>{receiver.problem}</SafeText>
        </p>
      )}
      {seen && (
        <>
          <div className="receiver-seen">
            <Sparkline values={seen.rate} label={`${title}: records in each of the last 60 seconds`} />
            <span>
              <strong>{count(seen.rate.at(-2) ?? 0)}</strong> per second
            </span>
          </div>
          <p className="quiet">
            {count(seen.accepted)} taken, {count(seen.rejected)} set aside, {count(seen.refused)} turned away.{" "}
            {seen.last_at ? (
              <>
                Last <Time at={seen.last_at} />.
              </>
            ) : (
              quiet && "Nothing has come in yet."
            )}
          </p>
          {letters > 0 && <LastSetAside protocol={protocol} said={seen.problem} />}
          {seen.problem && (
            <p className="receiver-problem selectable">
              {seen.problem_at && <Time at={seen.problem_at} />}: <SafeText>{seen.problem}</SafeText>
            </p>
          )}
          <Snippets title={title} snippets={receiver.snippets} />
        </>
      )}
      {letters > 0 && <DeadLetters protocol={protocol} title={title} total={letters} readOnly={readOnly} />}
    </section>
  );
}

/** Why the last record was set aside; a request that was turned away later has a reason of its own. */
function LastSetAside({ protocol, said }: { protocol: string; said: string | null }) {
  const { data } = useRead("dead_letters", { protocol, before: null });
  const last = data?.letters[0];
  if (!last || said?.includes(last.why)) return null;
  return (
    <p className="receiver-problem selectable">
      Set aside <Time at={last.last_at} />: <SafeText>{last.why}</SafeText>
    </p>
  );
}
