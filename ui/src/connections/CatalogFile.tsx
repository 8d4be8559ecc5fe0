import { Archive, ArchiveRestore, ShieldCheck } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { CatalogInfo } from "../api/client";
import { Button } from "../shared/Button";
import { pickBackup, pickCatalog } from "../shared/files";
import { bytes, fileName, plural } from "../shared/format";
import { useLinkState } from "../shared/linkState";
import { word } from "../shared/links";
import { useEnter } from "../shared/modal";
import { Name } from "../shared/Name";
import { ErrorPanel } from "../shared/Panel";
import { errorText, useAct } from "../shared/query";
import { SafeText } from "../shared/SafeText";
import { select } from "../shared/selection";
import { toast } from "../shared/toasts";

/** Care of the file itself: a verified copy, going back to one, and a proof that all of it agrees. */
export function CatalogFile({ info }: { info: CatalogInfo }) {
  const backup = useAct("backup");
  const restore = useAct("restore");
  const check = useAct("check");
  const [restoring, setRestoring] = useState<string | null>(null);
  const onRestore = async (): Promise<void> => setRestoring(await pickCatalog());
  const onBackup = async (): Promise<void> => {
    const path = await pickBackup(`${info.name} ${new Date().toISOString().slice(0, 10)}.catena`);
    if (!path) return;
    backup.mutate(
      { path },
      {
        onSuccess: () => toast({ text: `Backed up to ${fileName(path)} and verified` }),
        onError: (error) => toast({ text: `No backup was made: ${errorText(error)}`, look: "bad" }),
      },
    );
  };
  const [query, setQuery] = useLinkState();
  const wanted = word(query.do);
  const acts = useRef({ backup: onBackup, restore: onRestore, check: () => check.mutate(undefined) });
  acts.current = { backup: onBackup, restore: onRestore, check: () => check.mutate(undefined) };
  // A menu or a command asks by the link; it is done once and leaves the link again.
  useEffect(() => {
    if (wanted !== "backup" && wanted !== "restore" && wanted !== "check") return;
    setQuery({ do: "" });
    void acts.current[wanted]();
  }, [wanted, setQuery]);
  return (
    <section className="catalog-file" aria-label="Catalog file">
      <h2>Catalog file</h2>
      <p className="quiet catalog-path">
        <Name code>{info.path ?? ""}</Name>
        <span>{bytes(info.size_bytes)}</span>
      </p>
      <div className="source-acts">
        <Button small icon={Archive} isDisabled={backup.isPending} onPress={() => void onBackup()}>
          {backup.isPending ? "Backing up" : "Back up"}
        </Button>
        <Button small icon={ArchiveRestore} onPress={() => void onRestore()}>
          Restore
        </Button>
        <Button small icon={ShieldCheck} isDisabled={check.isPending} onPress={() => check.mutate(undefined)}>
          {check.isPending ? "Checking" : "Check"}
        </Button>
      </div>
      {check.error && <ErrorPanel what="The check could not run" error={check.error} />}
      {check.data && !check.isPending && (
        <div className="check" role="status" data-holds={check.data.holds}>
          {check.data.holds ? (
            <>
              <span className="dot" data-state="good" /> The log, the tables and the chain agree.
            </>
          ) : (
            <>
              <p>
                <span className="dot" data-state="bad" /> {plural(check.data.problems.length, "row")} do not agree with
                the log.
              </p>
              <ul>
                {check.data.problems.slice(0, 50).map((problem) => (
                  <li key={problem.where + problem.what}>
                    <code>
                      <SafeText>{problem.where}</SafeText>
                    </code>{" "}
                    <SafeText>{problem.what}</SafeText>
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
      )}
      {restoring && (
        <ConfirmRestore
          info={info}
          path={restoring}
          pending={restore.isPending}
          error={restore.error}
          onCancel={() => {
            restore.reset();
            setRestoring(null);
          }}
          onRestore={() =>
            restore.mutate(
              { path: restoring },
              {
                onSuccess: () => {
                  setRestoring(null);
                  select(null);
                  toast({ text: `Restored from ${fileName(restoring)}` });
                },
              },
            )
          }
        />
      )}
    </section>
  );
}

interface ConfirmRestoreProps {
  info: CatalogInfo;
  path: string;
  pending: boolean;
  error: Error | null;
  onCancel(): void;
  onRestore(): void;
}

/** One of the few places that ask first: undo does not reach across a restored file. */
function ConfirmRestore({ info, path, pending, error, onCancel, onRestore }: ConfirmRestoreProps) {
  useEnter(pending ? null : onRestore);
  return (
    <ModalOverlay className="scrim" isOpen isDismissable onOpenChange={(open) => !open && onCancel()}>
      <Modal className="dialog-box">
        <Dialog role="alertdialog">
          <div className="dialog-head">
            <Heading slot="title" level={2}>
              Restore {fileName(path)}
            </Heading>
          </div>
          <div className="dialog-body">
            <p>
              {info.name} will hold what the backup holds. Changes made after the backup will not be in it. The backup
              is verified before anything is replaced.
            </p>
            {error && <ErrorPanel what="Nothing was replaced" error={error} />}
          </div>
          <div className="dialog-foot">
            <Button look="quiet" onPress={onCancel}>
              Cancel
            </Button>
            <Button look="primary" isDisabled={pending} onPress={onRestore}>
              {pending ? "Restoring" : "Restore"}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
