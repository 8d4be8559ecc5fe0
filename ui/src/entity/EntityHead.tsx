import { Copy, Download, Ellipsis, GitMerge, Link2, Pencil, Share2 } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import type { EntityView } from "../api/client";
import { lineageOf } from "../lineage/route";
import { Button, IconButton } from "../shared/Button";
import { copyText } from "../shared/clipboard";
import { useEdit } from "../shared/edit";
import { fileName } from "../shared/format";
import { KindIcon, KindLabel } from "../shared/KindIcon";
import { deepLink, entityRoute, openLink } from "../shared/links";
import { Menu } from "../shared/Menu";
import { Name } from "../shared/Name";
import { errorText } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import { toast } from "../shared/toasts";
import { exportAs, standardsOf } from "./exchange";
import { MergeDialog } from "./MergeDialog";

export function EntityHead({ view, readOnly }: { view: EntityView; readOnly: boolean }) {
  const [naming, setNaming] = useState(false);
  const [merging, setMerging] = useState(false);
  const first = view.qualified_names[0];
  const copyName = (): void => void copyText(first?.text ?? view.name, "Name copied");
  return (
    <header className="entity-head">
      <KindIcon kind={view.kind} size={18} boxed />
      <div className="entity-titles">
        <div className="entity-title">
          {naming ? (
            <NameField view={view} onDone={() => setNaming(false)} />
          ) : (
            <>
              <h1 className="selectable" title={view.name}>
                <SafeText>{view.name}</SafeText>
              </h1>
              {!readOnly && <IconButton icon={Pencil} label="Rename" size={13} onPress={() => setNaming(true)} />}
            </>
          )}
        </div>
        <div className="entity-under">
          <KindLabel kind={view.kind} />
          {first && (
            <>
              <Name code>{first.text}</Name>
              <IconButton icon={Copy} label="Copy name" size={12} onPress={copyName} />
            </>
          )}
          {view.qualified_names.length > 1 && (
            <span className="quiet" title={view.qualified_names.map((one) => one.text).join("\n")}>
              and {view.qualified_names.length - 1} more
            </span>
          )}
        </div>
      </div>
      <span className="spacer" />
      <Button icon={Share2} onPress={() => openLink(lineageOf(view.id))}>
        Lineage
      </Button>
      <Menu
        label="More"
        placement="bottom end"
        trigger={
          <AriaButton className="icon-button" aria-label="More">
            <Ellipsis size={16} aria-hidden />
          </AriaButton>
        }
        groups={[
          {
            entries: [
              { id: "name", label: "Copy name", icon: Copy, onAction: copyName },
              ...standardsOf(view.kind).map(({ standard, label }) => ({
                id: standard,
                label,
                icon: Download,
                onAction: () =>
                  void exportAs(view.id, standard).then(
                    (path) => path && toast({ text: `Exported to ${fileName(path)}` }),
                    (error: unknown) => toast({ text: `Not exported: ${errorText(error)}`, look: "bad" }),
                  ),
              })),
              {
                id: "link",
                label: "Copy link",
                icon: Link2,
                onAction: () => void copyText(deepLink(entityRoute(view.id)), "Link copied"),
              },
            ],
          },
          {
            entries: [
              {
                id: "rename",
                label: "Rename",
                icon: Pencil,
                disabled: readOnly ? "The catalog is read-only" : undefined,
                onAction: () => setNaming(true),
              },
              {
                id: "merge",
                label: "Merge another into this",
                icon: GitMerge,
                disabled: readOnly ? "The catalog is read-only" : undefined,
                onAction: () => setMerging(true),
              },
            ],
          },
        ]}
      />
      {merging && <MergeDialog view={view} onClose={() => setMerging(false)} />}
    </header>
  );
}

function NameField({ view, onDone }: { view: EntityView; onDone(): void }) {
  const [name, setName] = useState(view.name);
  const edit = useEdit(view.id);
  const save = (): void => {
    const wanted = name.trim();
    onDone();
    if (wanted && wanted !== view.name) void edit(`Renamed to ${wanted}`, [{ field: "name", value: wanted }]);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") save();
    else if (event.key === "Escape") onDone();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <input
      className="input entity-name-input"
      aria-label="Name"
      // biome-ignore lint/a11y/noAutofocus: a person asked to type here
      autoFocus
      value={name}
      spellCheck={false}
      onChange={(event) => setName(event.target.value)}
      onFocus={(event) => event.target.select()}
      onBlur={save}
      onKeyDown={onKeyDown}
    />
  );
}
