import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouterHistory,
  redirect,
} from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { Button } from "../shared/Button";
import { openLink, readQuery, writeQuery } from "../shared/links";
import { Empty, ErrorPanel, Skeleton } from "../shared/Panel";

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: () => (
    <Empty
      icon={Compass}
      title="No such place"
      actions={<Button onPress={() => openLink("/search")}>Go to search</Button>}
    >
      The link names a screen that this version does not have.
    </Empty>
  ),
  errorComponent: ({ error, reset }) => <ErrorPanel what="This screen stopped working" error={error} onRetry={reset} />,
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/search" });
  },
});
const search = createRoute({
  getParentRoute: () => root,
  path: "/search",
  component: lazyRouteComponent(() => import("../search/SearchScreen"), "SearchScreen"),
});
const entity = createRoute({
  getParentRoute: () => root,
  path: "/entity/$id",
  component: lazyRouteComponent(() => import("../entity/EntityScreen"), "EntityScreen"),
});
const lineage = createRoute({
  getParentRoute: () => root,
  path: "/lineage",
  component: lazyRouteComponent(() => import("../lineage/LineageScreen"), "LineageScreen"),
});
const runs = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  component: lazyRouteComponent(() => import("../runs/RunsScreen"), "RunsScreen"),
});
const compare = createRoute({
  getParentRoute: () => root,
  path: "/runs/compare",
  component: lazyRouteComponent(() => import("../runs/CompareScreen"), "CompareScreen"),
});
const changes = createRoute({
  getParentRoute: () => root,
  path: "/changes",
  component: lazyRouteComponent(() => import("../changes/ChangesScreen"), "ChangesScreen"),
});
const connections = createRoute({
  getParentRoute: () => root,
  path: "/connections",
  component: lazyRouteComponent(() => import("../connections/ConnectionsScreen"), "ConnectionsScreen"),
});
const gallery = createRoute({
  getParentRoute: () => root,
  path: "/gallery",
  component: import.meta.env.DEV ? lazyRouteComponent(() => import("../gallery/Gallery"), "Gallery") : () => null,
});

const tree = root.addChildren([
  home,
  search,
  entity,
  lineage,
  runs,
  compare,
  changes,
  connections,
  ...(import.meta.env.DEV ? [gallery] : []),
]);

export function makeRouter(history: RouterHistory) {
  return createRouter({
    routeTree: tree,
    history,
    parseSearch: readQuery,
    stringifySearch: writeQuery,
    defaultPendingComponent: () => <Skeleton rows={10} />,
    defaultPendingMs: 150,
    trailingSlash: "never",
  });
}
export type AppRouter = ReturnType<typeof makeRouter>;

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
}
