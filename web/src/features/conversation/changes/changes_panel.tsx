import { Download, MessageSquarePlus, Unplug, X } from "lucide-react";
import { useMemo } from "react";
import { patchUrl } from "../../../api/calls";
import { asProblem, type Problem } from "../../../api/client";
import type { Changes } from "../../../api/types";
import { Button, buttonClass, IconButton } from "../../../ui/button";
import { Enso } from "../../../ui/mascots";
import { Delayed } from "../../../ui/parts";
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

function Failed({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const early = problem.code === "no_workspace";
  return (
    <div
      role={early ? "status" : "alert"}
      className="grid flex-1 place-content-center justify-items-center gap-3.5 p-8 text-center"
    >
      {!early && (
        <span className="is-error tint grid size-11 place-items-center rounded-full">
          <Unplug size={20} aria-hidden="true" />
        </span>
      )}
      <p className="font-serif text-h3">{early ? "There is no workspace yet" : "The changes did not load"}</p>
      <p className="max-w-[320px] text-balance text-oma-muted">
        {early
          ? "It is made when the session starts; what changes in it shows here."
          : `${problem.message} Nothing in the workspace is lost.`}
      </p>
      <Button onClick={onRetry}>{early ? "Look again" : "Try again now"}</Button>
    </div>
  );
}

function Nothing({ changes }: { changes: Changes }) {
  return (
    <div className="grid flex-1 place-content-center justify-items-center gap-3 p-8 text-center">
      <Enso size={96} className="text-oma-line" />
      <p className="font-serif text-h3">Nothing has changed</p>
      <p className="max-w-[290px] text-balance text-oma-muted">
        {changes.base
          ? "The workspace is as the repository has it."
          : "The repository has no commit yet, and the workspace no file."}
      </p>
    </div>
  );
}

function Loading() {
  return (
    <Delayed>
      <div
        aria-busy="true"
        aria-label="Loading the changes"
        className="grid flex-1 content-start gap-2.5 p-4"
      >
        {["w-3/5", "w-4/5", "w-1/2", "w-full", "w-2/3", "w-11/12"].map((width) => (
          <span key={width} className={`skeleton h-4 ${width}`} />
        ))}
      </div>
    </Delayed>
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
  const { threadId, runId, agent, changes, problem, layout, takesFocus, onLayout, onRetry, onClose, onSend } =
    props;
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
      ) : problem ? (
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
        </footer>
      )}
    </aside>
  );
}
