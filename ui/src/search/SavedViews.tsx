import { Bookmark, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { Button, IconButton } from "../shared/Button";
import { TextInput } from "../shared/Field";
import { useLinkState } from "../shared/linkState";
import { deepLink, openLink, routeOf, word, writeQuery } from "../shared/links";
import { ErrorPanel, Skeleton } from "../shared/Panel";
import { useAct, useRead } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import { toast } from "../shared/toasts";

/** Named searches. A saved view is a link, so opening one is going there. */
export function SavedViews() {
  return (
    <DialogTrigger>
      <AriaButton className="button quiet">
        <Bookmark size={14} strokeWidth={1.75} aria-hidden />
        <span>Views</span>
      </AriaButton>
      <Popover className="popover" placement="bottom end" offset={4}>
        <Dialog className="views" aria-label="Saved views">
          {({ close }) => <Views close={close} />}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function Views({ close }: { close(): void }) {
  const [query] = useLinkState();
  const [name, setName] = useState("");
  const { data, error, refetch } = useRead("saved_views", undefined);
  const put = useAct("saved_view_put");
  const remove = useAct("saved_view_delete");
  const link = deepLink(`/search${writeQuery(query)}`);

  const save = (): void => {
    const wanted = name.trim();
    if (!wanted) return;
    put.mutate({ name: wanted, link }, { onSuccess: () => setName("") });
  };
  const drop = (view: { name: string; link: string }): void =>
    remove.mutate(
      { name: view.name },
      {
        onSuccess: () =>
          toast({ text: `View “${view.name}” removed`, action: { label: "Undo", run: () => put.mutate(view) } }),
      },
    );

  return (
    <>
      {error && <ErrorPanel what="The views could not be read" error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton rows={3} />}
      {data?.length === 0 && <p className="views-none">Save a search to come back to it.</p>}
      {data?.map((view) => (
        <div className="views-row" key={view.name}>
          <button
            type="button"
            className="views-open"
            aria-current={view.link === link ? "true" : undefined}
            onClick={() => {
              const route = routeOf(view.link);
              if (route) openLink(route);
              close();
            }}
          >
            <SafeText>{view.name}</SafeText>
          </button>
          <IconButton icon={Trash2} label={`Remove ${view.name}`} size={13} onPress={() => drop(view)} />
        </div>
      ))}
      {(put.error || remove.error) && <ErrorPanel what="The view was not saved" error={put.error ?? remove.error} />}
      <div className="views-save">
        <TextInput
          label="Name of this view"
          bare
          placeholder={word(query.text) ? `Save “${word(query.text)}” as` : "Save this view as"}
          value={name}
          onChange={setName}
          onEnter={save}
        />
        <Button onPress={save} isDisabled={!name.trim() || put.isPending}>
          Save
        </Button>
      </div>
    </>
  );
}
