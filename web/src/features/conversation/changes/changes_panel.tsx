import { Download, MessageSquarePlus, X } from "lucide-react";
import { useMemo } from "react";
import { patchUrl } from "../../../api/calls";
import { asProblem } from "../../../api/client";
import type { Changes } from "../../../api/types";
import { Button, buttonClass, IconButton } from "../../../ui/button";
import { Early, Failed, Loading, Nothing } from "./changes_states";
import { DiffList } from "./diff_list";
import type { Layout } from "./diff_rows";
import { notesMessage } from "./notes";
import { parsePatch } from "./patch";
import { useNotes } from "./use_notes";

export type ChangesPanelProps = {
  threadId: string;
  runId: string;
  agent: string;
  changes: Changes | null;
  /** There is no workspace to look at yet. */
  early: boolean;
  problem: unknown;
  layout: Layout;
  takesFocus: boolean;
  onLayout: (layout: Layout) => void;
  onRetry: () => void;
  onClose: () => void;
  /** The notes go to the agent as one message. */
  onSend: (message: string) => void;
};

function LayoutChoice({ layout, onLayout }: Pick<ChangesPanelProps, "layout" | "onLayout">) {
  return (
    <div
      role="group"
      aria-label="Layout"
      className="inline-flex rounded-[9px] bg-oma-select p-0.5 text-small font-medium max-desk:hidden"
    >
      {(["unified", "split"] as const).map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={layout === each}
          onClick={() => {
            onLayout(each);
          }}
          className="h-[26px] rounded-[7px] px-[11px] text-oma-muted transition-colors duration-150 hover:text-oma-text aria-pressed:bg-oma-raised aria-pressed:text-oma-text aria-pressed:shadow-[inset_0_0_0_1px_var(--oma-glass-border)] [:root.light_&]:aria-pressed:bg-oma-elevated"
        >
          {each === "unified" ? "Unified" : "Split"}
        </button>
      ))}
    </div>
  );
}

/** Where there is no room beside the conversation the panel lies over it. Written out: the style sheet is made from it. */
const over = {
  wide: "max-wide:absolute max-wide:inset-0 max-wide:z-20 max-wide:w-auto max-wide:bg-oma-elevated!",
  vast: "max-vast:absolute max-vast:inset-0 max-vast:z-20 max-vast:w-auto max-vast:bg-oma-elevated!",
};

/** What is true of the work: that nobody has pushed it. */
function pushed({ localCommits: commits }: Changes): string {
  if (commits === 0) return "Nothing is pushed until you do it.";
  return `${String(commits)} local ${commits === 1 ? "commit" : "commits"}. Nothing is pushed until you do it.`;
}

/** The workspace's changes beside the conversation; on the phone a page of its own. */
export default function ChangesPanel(props: ChangesPanelProps) {
  const {
    threadId,
    runId,
    agent,
    changes,
    early,
    problem,
    layout,
    takesFocus,
    onLayout,
    onRetry,
    onClose,
    onSend,
  } = props;
  const notes = useNotes(threadId);
  const files = useMemo(
    () => (changes?.files ?? []).map((file) => ({ ...file, hunks: parsePatch(file.patch) })),
    [changes],
  );
  const count = notes.written.length;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape from anywhere in it closes it
    <aside
      aria-label="Changes"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
      className={`sheet flex h-full min-h-0 flex-none flex-col overflow-hidden ${layout === "split" ? `w-[980px] ${over.vast}` : `w-[464px] ${over.wide}`} max-desk:fixed max-desk:z-30 max-desk:h-dvh max-desk:rounded-none! max-desk:border-0!`}
    >
      <header className="flex min-h-[59px] items-center gap-2.5 border-b border-oma-line py-3 pr-3 pl-[18px] max-desk:pt-[max(12px,env(safe-area-inset-top))]">
        <h2 className="flex-1 font-serif text-h3">Changes</h2>
        {changes && (
          <span className="font-mono text-micro tracking-[-.01em]">
            {changes.additions > 0 && <span className="text-oma-add-ink">+{changes.additions}</span>}{" "}
            {changes.deletions > 0 && <span className="text-oma-del-ink">−{changes.deletions}</span>}
          </span>
        )}
        <LayoutChoice layout={layout} onLayout={onLayout} />
        <IconButton label="Close" onClick={onClose}>
          <X size={16} />
        </IconButton>
      </header>
      {changes && files.length > 0 ? (
        <DiffList
          files={files}
          unlisted={changes.fileCount - files.length}
          layout={layout}
          notes={notes}
          takesFocus={takesFocus}
        />
      ) : changes ? (
        <Nothing changes={changes} />
      ) : early || (problem !== null && asProblem(problem).code === "no_workspace") ? (
        <Early />
      ) : problem !== null ? (
        <Failed problem={asProblem(problem)} onRetry={onRetry} />
      ) : (
        <Loading />
      )}
      {changes && (files.length > 0 || count > 0) && (
        <footer className="flex items-center gap-2 border-t border-oma-line px-3 py-2.5 max-desk:flex-wrap max-desk:pb-[max(10px,env(safe-area-inset-bottom))]">
          <span className="min-w-0 flex-1 truncate px-1 text-small text-oma-muted max-desk:basis-full max-desk:text-center">
            {pushed(changes)}
          </span>
          <a
            href={patchUrl(runId)}
            download="changes.patch"
            className={`${buttonClass("ghost", "small")} max-desk:flex-1`}
          >
            <Download size={14} aria-hidden="true" />
            Patch
          </a>
          {notes.mayAdd && (
            <Button
              size="small"
              className="max-desk:flex-1"
              disabled={count === 0}
              title={`${agent} gets them as one message`}
              onClick={() => {
                onSend(notesMessage(files, notes.written));
                notes.clear();
              }}
            >
              <MessageSquarePlus size={14} aria-hidden="true" />
              {count === 0 ? "No notes" : count === 1 ? "Send 1 note" : `Send ${String(count)} notes`}
            </Button>
          )}
        </footer>
      )}
    </aside>
  );
}
