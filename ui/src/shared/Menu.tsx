import { Check, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import {
  Menu as AriaMenu,
  Header,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  Separator,
} from "react-aria-components";

export interface MenuEntry {
  id: string;
  label: string;
  icon?: LucideIcon | undefined;
  keys?: string | undefined;
  checked?: boolean;
  /** Why it can't be used now; shown instead of nothing. */
  disabled?: string | undefined;
  note?: string | undefined;
  onAction(): void;
}
export type MenuGroup = { title?: string; entries: MenuEntry[] };

interface MenuProps {
  /** The button that opens it. */
  trigger: ReactNode;
  label: string;
  groups: MenuGroup[];
  placement?: "bottom start" | "bottom end" | "top end" | "top start";
}

export function Menu({ trigger, label, groups, placement = "bottom start" }: MenuProps) {
  const shown = groups.filter((group) => group.entries.length > 0);
  const disabled = shown.flatMap((group) => group.entries.filter((entry) => entry.disabled).map((entry) => entry.id));
  return (
    <MenuTrigger>
      {trigger}
      <Popover className="popover" placement={placement} offset={4}>
        <AriaMenu className="menu" aria-label={label} disabledKeys={disabled}>
          {shown.map((group, index) => (
            <MenuSection key={group.title ?? index} aria-label={group.title ?? label}>
              {index > 0 && <Separator className="menu-line" />}
              {group.title && <Header className="menu-title">{group.title}</Header>}
              {group.entries.map((entry) => (
                <Entry key={entry.id} entry={entry} />
              ))}
            </MenuSection>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

function Entry({ entry }: { entry: MenuEntry }) {
  const Icon = entry.checked ? Check : entry.icon;
  return (
    <MenuItem id={entry.id} className="menu-item" textValue={entry.label} onAction={entry.onAction}>
      <span className="menu-icon">{Icon && <Icon size={14} strokeWidth={1.75} aria-hidden />}</span>
      <span className="menu-label">
        {entry.label}
        {(entry.disabled ?? entry.note) && <small>{entry.disabled ?? entry.note}</small>}
      </span>
      {entry.keys && <kbd>{entry.keys}</kbd>}
    </MenuItem>
  );
}
