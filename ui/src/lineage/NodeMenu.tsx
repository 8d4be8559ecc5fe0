import { useRef } from "react";
import { Menu as AriaMenu, MenuItem, MenuSection, Popover, Separator } from "react-aria-components";
import type { MenuGroup } from "../shared/Menu";
import type { Point } from "./canvas";

interface NodeMenuProps {
  at: Point;
  label: string;
  groups: MenuGroup[];
  onClose(): void;
}

/** A menu at a point of the canvas. */
export function NodeMenu({ at, label, groups, onClose }: NodeMenuProps) {
  const anchor = useRef<HTMLSpanElement>(null);
  const disabled = groups.flatMap((group) => group.entries.filter((entry) => entry.disabled).map((entry) => entry.id));
  return (
    <>
      <span ref={anchor} className="lineage-point" style={{ left: at.x, top: at.y }} aria-hidden />
      <Popover
        className="popover"
        triggerRef={anchor}
        isOpen
        onOpenChange={(open) => !open && onClose()}
        placement="bottom start"
        offset={2}
      >
        <AriaMenu className="menu" aria-label={label} disabledKeys={disabled} autoFocus="first" onClose={onClose}>
          {groups
            .filter((group) => group.entries.length > 0)
            .map((group, index) => (
              <MenuSection key={group.entries[0]?.id} aria-label={group.title ?? label}>
                {index > 0 && <Separator className="menu-line" />}
                {group.entries.map((entry) => (
                  <MenuItem
                    key={entry.id}
                    id={entry.id}
                    className="menu-item"
                    textValue={entry.label}
                    onAction={() => {
                      onClose();
                      entry.onAction();
                    }}
                  >
                    <span className="menu-icon">
                      {entry.icon && <entry.icon size={14} strokeWidth={1.75} aria-hidden />}
                    </span>
                    <span className="menu-label">
                      {entry.label}
                      {(entry.disabled ?? entry.note) && <small>{entry.disabled ?? entry.note}</small>}
                    </span>
                    {entry.keys && <kbd>{entry.keys}</kbd>}
                  </MenuItem>
                ))}
              </MenuSection>
            ))}
        </AriaMenu>
      </Popover>
    </>
  );
}
