import { Cable, FilePlus2, FlaskConical, FolderOpen, type LucideIcon } from "lucide-react";
import type { CatalogInfo } from "../api/client";
import { fileName } from "../shared/format";
import { Name } from "../shared/Name";
import { SafeText } from "../shared/SafeText";
import { Time } from "../shared/Time";
import { useCatalogActs } from "./catalog";

interface WelcomeProps {
  info: CatalogInfo;
  onImport(): void;
}

/** The first launch, and a catalog with nothing in it: what belongs here, and the ways to get it. */
export function Welcome({ info, onImport }: WelcomeProps) {
  const acts = useCatalogActs();
  const empty = info.path !== null;
  const recent = info.recent.filter((one) => one.path !== info.path).slice(0, 6);
  return (
    <div className="welcome">
      <div className="welcome-box">
        <h1>{empty ? `${info.name} is empty` : "Catena"}</h1>
        <p className="quiet">
          {empty
            ? "Import metadata, or look at the sample first."
            : "See where every dataset, model and answer came from. A catalog is one file on this machine."}
        </p>
        <div className="welcome-acts">
          {info.has_sample && (
            <Act icon={FlaskConical} title="Open the sample" onPress={() => void acts.sample()}>
              A real dbt project, models trained on its tables, and the events of both.
            </Act>
          )}
          <Act icon={Cable} title="Import" onPress={onImport}>
            From OpenLineage, dbt or MLflow: a file, a folder or a server.
          </Act>
          <Act icon={FolderOpen} title="Open a catalog" onPress={() => void acts.open()}>
            A .catena file that you or someone else made.
          </Act>
          <Act icon={FilePlus2} title="New catalog" onPress={() => void acts.create()}>
            Start with an empty file of your own.
          </Act>
        </div>
        {recent.length > 0 && (
          <section className="welcome-recent">
            <h2>Recent</h2>
            {recent.map((one) => (
              <button key={one.path} type="button" className="recent" onClick={() => void acts.openPath(one.path)}>
                <span className="strong">
                  <SafeText>{one.name || fileName(one.path)}</SafeText>
                </span>
                <Name code>{one.path}</Name>
                <Time at={one.opened_at} />
              </button>
            ))}
          </section>
        )}
        <p className="faint">Version {info.version}</p>
      </div>
    </div>
  );
}

interface ActProps {
  icon: LucideIcon;
  title: string;
  children: string;
  onPress(): void;
}

function Act({ icon: Icon, title, children, onPress }: ActProps) {
  return (
    <button type="button" className="welcome-act" onClick={onPress}>
      <Icon size={18} strokeWidth={1.6} aria-hidden />
      <span>
        <strong>{title}</strong>
        <small>{children}</small>
      </span>
    </button>
  );
}
