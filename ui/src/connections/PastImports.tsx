import type { OperationView } from "../api/client";
import { plural } from "../shared/format";
import { openLink, writeQuery } from "../shared/links";
import { useRead } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import { Time } from "../shared/Time";
import { recent, undoneBy } from "../shared/undo";

/** How many imports are listed. */
const most = 20;

/** Imports that the log tells of, latest first; `before`: only those that began before this time. */
export function usePastImports(before: string | null): OperationView[] | undefined {
  const { data } = useRead("history", recent);
  return data
    ?.filter((one) => one.origin === "import" && one.undoes === null && (before === null || one.at < before))
    .slice(0, most);
}

/** Imports of earlier sessions and of the command line. What they changed is a click away. */
export function PastImports({ imports }: { imports: OperationView[] }) {
  return (
    <section className="past-imports" aria-label="Earlier imports">
      <h3>Earlier imports</h3>
      <ul>
        {imports.map((one) => (
          <li key={one.id}>
            <button
              type="button"
              className="text-link"
              onClick={() => openLink(`/changes${writeQuery({ operation: one.id })}`)}
            >
              <SafeText>{one.title}</SafeText>
            </button>
            <span className="quiet">
              {plural(one.import?.change_count ?? one.change_count, "change")} <Time at={one.at} />
            </span>
            {undoneBy(one) && <span className="chip">undone</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
