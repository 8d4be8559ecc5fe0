import {
  ChevronRight,
  ChevronsUpDown,
  CircleHelp,
  FilePlus2,
  FlaskConical,
  FolderOpen,
  Library,
  Link2,
  Monitor,
  Moon,
  PanelRight,
  Search,
  Sun,
} from "lucide-react";
import { Button as AriaButton } from "react-aria-components";
import { IconButton } from "../shared/Button";
import { copyText } from "../shared/clipboard";
import { fileName } from "../shared/format";
import { keyText } from "../shared/keys";
import { deepLink, openLink } from "../shared/links";
import { Menu } from "../shared/Menu";
import { usePlaces } from "../shared/place";
import { SafeText } from "../shared/SafeText";
import { toggleInspector, useInspector } from "../shared/selection";
import { setTheme, type ThemeChoice, useThemeChoice } from "../shared/theme";
import { useCatalog, useCatalogActs } from "./catalog";
import { openPalette, openShortcuts } from "./overlays";
import { activeRoute, useTabs } from "./tabs";

const themes = { system: Monitor, light: Sun, dark: Moon } as const;
const nextTheme: Record<ThemeChoice, ThemeChoice> = { system: "light", light: "dark", dark: "system" };

export function TopBar() {
  const { open: inspecting } = useInspector();
  const theme = useThemeChoice();
  return (
    <header className="topbar">
      <CatalogMenu />
      <Breadcrumb />
      <button type="button" className="topbar-search" onClick={() => openPalette()}>
        <Search size={14} strokeWidth={1.75} aria-hidden />
        <span>Search or go to</span>
        <kbd>{keyText("mod+k")}</kbd>
      </button>
      <div className="topbar-end">
        <IconButton
          icon={Link2}
          label="Copy link to this view"
          keys={keyText("mod+shift+c")}
          onPress={() => copyText(deepLink(activeRoute()), "Link copied")}
        />
        <IconButton
          icon={themes[theme]}
          label={`Theme: ${theme}`}
          keys={keyText("mod+shift+l")}
          onPress={() => setTheme(nextTheme[theme])}
        />
        <IconButton icon={CircleHelp} label="Shortcuts" keys="?" onPress={() => openShortcuts()} />
        <IconButton
          icon={PanelRight}
          label={inspecting ? "Hide inspector" : "Show inspector"}
          keys={keyText("mod+.")}
          pressed={inspecting}
          onPress={toggleInspector}
        />
      </div>
    </header>
  );
}

function CatalogMenu() {
  const info = useCatalog();
  const acts = useCatalogActs();
  const recent = (info?.recent ?? []).filter((one) => one.path !== info?.path).slice(0, 8);
  return (
    <Menu
      label="Catalog"
      trigger={
        <AriaButton className="catalog-button">
          <Library size={15} strokeWidth={1.75} aria-hidden />
          <span className="strong">
            <SafeText>{info?.path ? info.name : "No catalog"}</SafeText>
          </span>
          {info?.read_only && <span className="chip">read-only</span>}
          <ChevronsUpDown size={12} aria-hidden />
        </AriaButton>
      }
      groups={[
        {
          entries: [
            { id: "open", label: "Open catalog", icon: FolderOpen, keys: keyText("mod+o"), onAction: acts.open },
            {
              id: "new",
              label: "New catalog",
              icon: FilePlus2,
              keys: keyText("mod+n"),
              onAction: () => void acts.create(),
            },
            ...(info?.has_sample
              ? [{ id: "sample", label: "Open the sample", icon: FlaskConical, onAction: acts.sample }]
              : []),
          ],
        },
        {
          title: "Recent",
          entries: recent.map((one) => ({
            id: one.path,
            label: one.name || fileName(one.path),
            note: one.path,
            onAction: () => void acts.openPath(one.path),
          })),
        },
      ]}
    />
  );
}

function Breadcrumb() {
  const { active } = useTabs();
  const place = usePlaces().get(active);
  if (!place) return <span className="spacer" />;
  return (
    <nav className="crumbs" aria-label="Breadcrumb">
      {place.crumbs.map((crumb) => (
        <span key={crumb.label} className="crumb">
          <ChevronRight size={12} aria-hidden />
          {crumb.route ? (
            <button type="button" onClick={() => openLink(crumb.route ?? "/")}>
              <SafeText>{crumb.label}</SafeText>
            </button>
          ) : (
            <span>
              <SafeText>{crumb.label}</SafeText>
            </span>
          )}
        </span>
      ))}
      <span className="crumb" aria-current="page">
        <ChevronRight size={12} aria-hidden />
        <span>
          <SafeText>{place.title}</SafeText>
        </span>
      </span>
    </nav>
  );
}
