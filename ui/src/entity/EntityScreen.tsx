import { useParams } from "@tanstack/react-router";
import { FileQuestion } from "lucide-react";
import { useEffect, useRef } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import type { EntityView } from "../api/client";
import { Button } from "../shared/Button";
import { count } from "../shared/format";
import { kindLook } from "../shared/kinds";
import { useLinkState } from "../shared/linkState";
import { entityRoute, openLink, word } from "../shared/links";
import { Empty, ErrorPanel, Skeleton } from "../shared/Panel";
import { usePlace } from "../shared/place";
import { troubleOf, useRead } from "../shared/query";
import { select } from "../shared/selection";
import { Steps } from "../traces/Steps";
import { Versions } from "../versions/Versions";
import { Activity } from "./Activity";
import { EntityHead } from "./EntityHead";
import { Facets } from "./Facets";
import { History } from "./History";
import { Overview } from "./Overview";
import { Parts } from "./Parts";
import { Relations } from "./Relations";
import { Schema } from "./Schema";
import "./entity.css";

/** What has versions, or is one. */
const versioned: ReadonlySet<string> = new Set(["model", "model_version", "prompt", "prompt_version"]);

const isMissing = (error: unknown): boolean => troubleOf(error) === "not_found";

export function EntityScreen() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { data, error, refetch } = useRead("entity", { id });
  const look = data && kindLook(data.kind);
  usePlace(
    data?.name ?? "Entity",
    [
      { label: "Search", route: "/search" },
      ...(data?.parent ? [{ label: data.parent.name, route: entityRoute(data.parent.id) }] : []),
      ...(data && look && !data.parent
        ? [{ label: look.plural, route: `/search?kinds=${encodeURIComponent(data.kind)}` }]
        : []),
    ],
    data?.kind,
  );
  // Opening selects too, so that the inspector follows; only once, or a refresh would steal a later selection.
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (!data || shown.current === data.id) return;
    shown.current = data.id;
    select({ id: data.id, kind: data.kind, name: data.name });
  }, [data]);

  if (error && !data) {
    return isMissing(error) ? (
      <Empty
        icon={FileQuestion}
        title="This entity is not in the catalog"
        actions={<Button onPress={() => openLink("/search")}>Go to search</Button>}
      >
        The link may belong to another catalog, or the import that made it was undone.
      </Empty>
    ) : (
      <ErrorPanel what="The entity could not be read" error={error} onRetry={() => void refetch()} />
    );
  }
  return data ? <EntityPage view={data} /> : <Skeleton rows={12} label="Reading the entity" />;
}

function EntityPage({ view }: { view: EntityView }) {
  const [query, setQuery] = useLinkState();
  const readOnly = Boolean(useRead("catalog_info", undefined).data?.read_only);
  const tabs = [
    { id: "overview", label: "Overview" },
    { id: "steps", label: "Steps" },
    { id: "versions", label: "Versions" },
    { id: "activity", label: "Activity" },
    { id: "schema", label: "Schema", many: view.schema.length },
    { id: "parts", label: "Parts", many: view.counts.parts },
    { id: "relations", label: "Relations", many: view.relations.length },
    { id: "facets", label: "Facets", many: view.facets.length },
    { id: "history", label: "History" },
  ]
    .filter((tab) => tab.id !== "activity" || view.activity !== null)
    .filter((tab) => tab.id !== "steps" || view.kind === "trace")
    .filter((tab) => tab.id !== "versions" || versioned.has(view.kind))
    .filter((tab) => (tab.id !== "schema" || view.schema.length > 0) && (tab.id !== "parts" || view.parts.length > 0));
  const wanted = word(query.tab) || "overview";
  const current = tabs.some((tab) => tab.id === wanted) ? wanted : "overview";

  return (
    <>
      <EntityHead view={view} readOnly={readOnly} />
      <Tabs
        className="page-tabs"
        selectedKey={current}
        onSelectionChange={(key) => setQuery({ tab: key === "overview" ? "" : String(key) })}
      >
        <TabList className="page-tablist" aria-label="Parts of the page">
          {tabs.map(({ id, label, many }) => (
            <Tab key={id} id={id} className="page-tab">
              {label}
              {many !== undefined && <span className="badge">{count(many)}</span>}
            </Tab>
          ))}
        </TabList>
        <TabPanel id="overview" className="page-panel">
          <Overview view={view} readOnly={readOnly} onShow={(tab) => setQuery({ tab }, { push: true })} />
        </TabPanel>
        <TabPanel id="versions" className="page-panel">
          <Versions view={view} readOnly={readOnly} />
        </TabPanel>
        <TabPanel id="steps" className="page-panel">
          <Steps id={view.id} />
        </TabPanel>
        <TabPanel id="activity" className="page-panel">
          <Activity view={view} />
        </TabPanel>
        <TabPanel id="schema" className="page-panel">
          <Schema view={view} />
        </TabPanel>
        <TabPanel id="parts" className="page-panel">
          <Parts view={view} />
        </TabPanel>
        <TabPanel id="relations" className="page-panel">
          <Relations view={view} />
        </TabPanel>
        <TabPanel id="facets" className="page-panel">
          <Facets facets={view.facets} />
        </TabPanel>
        <TabPanel id="history" className="page-panel">
          <History id={view.id} readOnly={readOnly} />
        </TabPanel>
      </Tabs>
    </>
  );
}
