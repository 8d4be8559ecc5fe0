import { ErrorPanel, Skeleton } from "../../shared/Panel";
import { useRead } from "../../shared/query";
import { ReceiverCard } from "./ReceiverCard";
import { ReceiverToken } from "./ReceiverToken";
import "./receivers.css";

/** Where running systems send to: each listens on this machine only, and only while it is switched on. */
export function Receivers({ readOnly }: { readOnly: boolean }) {
  const { data, error, refetch } = useRead("receivers", undefined);
  const on = Boolean(data?.receivers.some((receiver) => receiver.address));
  return (
    <section className="receivers" aria-label="Receivers">
      <h2>Receivers</h2>
      <p className="quiet receivers-about">
        Systems send here while they run. Reachable from this machine only, and off until you switch one on.
      </p>
      {error && <ErrorPanel what="The receivers could not be read" error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton rows={2} />}
      {on && <ReceiverToken />}
      {data?.receivers.map((receiver) => (
        <ReceiverCard key={receiver.protocol} receiver={receiver} readOnly={readOnly} />
      ))}
    </section>
  );
}
