import { Plus } from "lucide-react";
import { useState } from "react";
import type { ConnectionView } from "../../api/client";
import { Button } from "../../shared/Button";
import { SearchInput } from "../../shared/Field";
import { count } from "../../shared/format";
import { ErrorPanel, Skeleton } from "../../shared/Panel";
import { useRead } from "../../shared/query";
import { NewSystem } from "./NewSystem";
import { SystemCard } from "./SystemCard";
import "./systems.css";

/** From how many on there is a field to find one, and how many are shown at once. */
const many = 8;
const most = 50;

const has = (one: ConnectionView, text: string): boolean =>
  [one.name, one.kind_title, one.address].some((part) => part.toLowerCase().includes(text.trim().toLowerCase()));

/** Systems that are set up once and pulled again and again. */
export function Systems({ readOnly }: { readOnly: boolean }) {
  const { data, error, refetch } = useRead("connections", undefined);
  const [adding, setAdding] = useState(false);
  const [text, setText] = useState("");
  const shown = data?.filter((one) => has(one, text));
  return (
    <section className="systems" aria-label="Connected systems">
      <div className="systems-head">
        <h2>Connected systems</h2>
        {!adding && (
          <Button small icon={Plus} isDisabled={readOnly} onPress={() => setAdding(true)}>
            Connect a system
          </Button>
        )}
      </div>
      {adding && <NewSystem onDone={() => setAdding(false)} />}
      {error && <ErrorPanel what="The connections could not be read" error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton rows={2} />}
      {data?.length === 0 && !adding && (
        <p className="quiet systems-none">
          A server or database that you connect here is pulled again with one press, or by itself, and brings only what
          is new.
        </p>
      )}
      {data && data.length > many && (
        <div className="systems-find">
          <SearchInput label="Find a connection" value={text} onChange={setText} />
        </div>
      )}
      {data && shown?.length === 0 && data.length > 0 && <p className="quiet systems-none">None is called that.</p>}
      {shown?.slice(0, most).map((one) => (
        <SystemCard key={one.name} system={one} readOnly={readOnly} />
      ))}
      {shown && shown.length > most && (
        <p className="quiet systems-none">And {count(shown.length - most)} more: find one by its name.</p>
      )}
    </section>
  );
}
