import { useSyncExternalStore } from "react";
import { keyText } from "../shared/keys";
import { openLink } from "../shared/links";
import { useRead } from "../shared/query";
import { useCatalog } from "./catalog";
import { screens } from "./screens";
import { activeTab, useTabs } from "./tabs";

export function useActivePath(): string {
  const { active } = useTabs();
  const history = activeTab().router.history;
  // `active` decides which history is read, so it must be part of what this depends on.
  void active;
  return useSyncExternalStore(
    (listener) => history.subscribe(listener),
    () => history.location.pathname,
  );
}

export function Rail() {
  const path = useActivePath();
  const open = Boolean(useCatalog()?.path);
  const jobs = useRead("jobs", undefined).data ?? [];
  const failed = jobs.filter((job) => job.state === "failed").length;
  return (
    <nav className="rail" aria-label="Screens">
      {screens.map(({ route, label, icon: Icon, keys }) => {
        const here = path === route || (route === "/search" && path.startsWith("/entity"));
        const badge = route === "/connections" ? failed : 0;
        return (
          <button
            key={route}
            type="button"
            className="rail-item"
            disabled={!open}
            aria-current={here ? "page" : undefined}
            title={`${label} (${keyText(keys)})`}
            onClick={(event) => openLink(route, { newTab: event.ctrlKey || event.metaKey })}
            onAuxClick={(event) => event.button === 1 && openLink(route, { newTab: true })}
          >
            <Icon size={18} strokeWidth={1.6} aria-hidden />
            <span>{label}</span>
            {badge > 0 && (
              <span className="rail-badge" title={`${badge} failed`}>
                {badge}
              </span>
            )}
          </button>
        );
      })}
    </nav>
  );
}
