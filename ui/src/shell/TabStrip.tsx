import { ArrowLeft, ArrowRight, Plus, X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { IconButton } from "../shared/Button";
import { KindIcon } from "../shared/KindIcon";
import { keyText } from "../shared/keys";
import { Name } from "../shared/Name";
import { usePlaces } from "../shared/place";
import { screens } from "./screens";
import { activeTab, back, closeTab, forward, moveTab, openRoute, showTab, type Tab, useTabs } from "./tabs";

const dragType = "text/x-catena-tab";

export function TabStrip() {
  const { all, active } = useTabs();
  const history = activeTab().router.history;
  const position = useSyncExternalStore(
    (listener) => history.subscribe(listener),
    () => `${history.location.state.__TSR_index}/${history.length}`,
  );
  const [index, length] = position.split("/").map(Number) as [number, number];
  return (
    <div className="tabstrip">
      <IconButton icon={ArrowLeft} label="Back" keys={keyText("alt+left")} isDisabled={index <= 0} onPress={back} />
      <IconButton
        icon={ArrowRight}
        label="Forward"
        keys={keyText("alt+right")}
        isDisabled={index >= length - 1}
        onPress={forward}
      />
      <div className="tabs" role="tablist" aria-label="Open tabs">
        {all.map((tab) => (
          <TabButton key={tab.id} tab={tab} active={tab.id === active} single={all.length === 1} />
        ))}
      </div>
      <IconButton
        icon={Plus}
        label="New tab"
        keys={keyText("mod+t")}
        size={14}
        onPress={() => openRoute("/search", { newTab: true })}
      />
    </div>
  );
}

function TabButton({ tab, active, single }: { tab: Tab; active: boolean; single: boolean }) {
  const place = usePlaces().get(tab.id);
  const path = tab.router.history.location.pathname;
  const screen = screens.find((one) => path.startsWith(one.route));
  const title = place?.title ?? screen?.label ?? "Entity";
  const Icon = screen?.icon;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dragging and middle clicks only add to the buttons inside
    <div
      className="tab"
      data-active={active}
      role="presentation"
      draggable
      onDragStart={(event) => event.dataTransfer.setData(dragType, String(tab.id))}
      onDragOver={(event) => event.dataTransfer.types.includes(dragType) && event.preventDefault()}
      onDrop={(event) => moveTab(Number(event.dataTransfer.getData(dragType)), tab.id)}
      onMouseDown={(event) => event.button === 1 && event.preventDefault()}
      onAuxClick={(event) => event.button === 1 && closeTab(tab.id)}
    >
      <button
        type="button"
        role="tab"
        aria-selected={active}
        className="tab-title"
        onClick={() => showTab(tab.id)}
        onKeyDown={(event) => event.key === "Delete" && closeTab(tab.id)}
      >
        {place?.kind ? (
          <KindIcon kind={place.kind} size={13} />
        ) : (
          Icon && <Icon size={13} strokeWidth={1.75} aria-hidden />
        )}
        <Name>{title}</Name>
      </button>
      {!single && (
        // For the pointer only, since a tab list holds nothing but tabs: keys close one with Delete or Ctrl/Cmd+W.
        <span className="tab-close" aria-hidden title={`Close ${title}`} onClick={() => closeTab(tab.id)}>
          <X size={12} />
        </span>
      )}
    </div>
  );
}
