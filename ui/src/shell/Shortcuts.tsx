import { X } from "lucide-react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { IconButton } from "../shared/Button";
import { keyText } from "../shared/keys";
import type { Command } from "./commands";
import { closeOverlay } from "./overlays";

const everywhere: [keys: string, label: string][] = [
  ["space", "Peek at the selection"],
  ["enter", "Open the selection"],
  ["mod+enter", "Open it in a new tab"],
  ["escape", "Go back one step"],
  ["mod+c", "Copy the selected rows"],
];

const lineage: [keys: string, label: string][] = [
  ["mod+f", "Find in the graph"],
  ["enter", "Next match"],
  ["shift+enter", "Previous match"],
];

export function Shortcuts({ commands }: { commands: Command[] }) {
  const groups = ["Go to", "View", "Edit", "Catalog"].map((title) => ({
    title,
    rows: commands
      .filter((command) => command.group === title && command.keys)
      .map((command): [string, string] => [command.keys ?? "", command.label.replace(/^Undo: .*/, "Undo")]),
  }));
  const all = [
    { title: "In lists and tables", rows: everywhere },
    ...groups,
    { title: "In the lineage graph", rows: lineage },
  ];
  return (
    <ModalOverlay className="scrim" isOpen isDismissable onOpenChange={(open) => !open && closeOverlay()}>
      <Modal className="dialog-box">
        <Dialog>
          <div className="dialog-head">
            <Heading slot="title" level={2}>
              Shortcuts
            </Heading>
            <IconButton icon={X} label="Close" onPress={closeOverlay} />
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keys must be able to scroll it */}
          <div className="dialog-body shortcuts" tabIndex={0} role="group" aria-label="All shortcuts">
            {all.map(({ title, rows }) => (
              <section key={title}>
                <h3>{title}</h3>
                <dl>
                  {rows.map(([keys, label]) => (
                    <div key={keys + label}>
                      <dt>{label}</dt>
                      <dd>
                        <kbd>{keyText(keys)}</kbd>
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
