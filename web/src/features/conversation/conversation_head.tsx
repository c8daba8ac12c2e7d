import { Link } from "@tanstack/react-router";
import {
  Archive,
  ArchiveRestore,
  Braces,
  ChevronLeft,
  CircleStop,
  Ellipsis,
  Eye,
  FileDiff,
  FileText,
  PanelRight,
  Pencil,
  Trash2,
} from "lucide-react";
import { useState } from "react";
import { exportUrl } from "../../api/calls";
import { useMay } from "../../api/may";
import { isEnded, works, type Mode, type Thread } from "../../api/types";
import type { LiveRun } from "../../stream/conversation";
import { Button, IconButton } from "../../ui/button";
import { Confirm, Dialog } from "../../ui/dialog";
import { download } from "../../ui/download";
import { Mascot } from "../../ui/mascots";
import { Menu, MenuItem } from "../../ui/menu";
import { Dot, NeedsYou, RoleBadge } from "../../ui/parts";
import { Elapsed } from "../../ui/time";
import { runWords } from "../../ui/words";
import type { Teammate } from "../../api/team";
import { useThreadActions } from "./use_thread_actions";

export type WorkState = {
  run: LiveRun | null;
  preparing: boolean;
  stopping: boolean;
  /** When the turn that goes on began. */
  since: number | null;
  /** It waits for a person's consent or answer. */
  asking: boolean;
};

export function WorkStateLine({ run, preparing, stopping, since, asking, mode }: WorkState & { mode: Mode }) {
  const line = "inline-flex items-center gap-[7px] font-medium whitespace-nowrap";
  if (!run) return <span className="text-oma-subtle">Not started</span>;
  if (isEnded(run.status)) {
    return (
      <span
        className={`${line} ${run.status === "failed" ? "is-error text-oma-error-ink" : "is-idle text-oma-muted"}`}
      >
        <Dot shape="hollow" />
        {runWords[run.status]}
      </span>
    );
  }
  if (asking && !stopping) return <NeedsYou />;
  if (!works(run) && !preparing) {
    return (
      <span className={`is-ok ${line} text-oma-text`}>
        <Dot />
        Your turn
      </span>
    );
  }
  return (
    <span className={`${line} text-oma-text`}>
      <Dot shape="live" />
      {stopping ? "Stopping" : preparing ? "Preparing" : mode === "chat" ? "Reading" : runWords[run.status]}
      {since !== null && !stopping && (
        <span className="font-normal text-oma-subtle">
          <Elapsed since={since} />
        </span>
      )}
    </span>
  );
}

function Rename({
  thread,
  onClose,
  onRename,
}: {
  thread: Thread;
  onClose: () => void;
  onRename: (title: string) => void;
}) {
  const [title, setTitle] = useState(thread.title);
  return (
    <Dialog title="Rename thread" onClose={onClose}>
      <form
        className="flex gap-2 pt-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (title.trim() !== "") onRename(title.trim());
          onClose();
        }}
      >
        <input
          aria-label="Title"
          value={title}
          maxLength={200}
          onChange={(event) => {
            setTitle(event.target.value);
          }}
          className="h-[34px] min-w-0 flex-1 rounded-md border border-oma-outline bg-oma-well px-3 max-desk:h-11 max-desk:text-input"
        />
        <Button kind="solid" type="submit" disabled={title.trim() === ""}>
          Rename
        </Button>
      </form>
    </Dialog>
  );
}

export function ConversationHead({
  thread,
  agent,
  mode,
  work,
  changes,
  onEnd,
}: {
  thread: Thread;
  mode: Mode;
  agent: Teammate;
  work: WorkState;
  /** The panel of the workspace's changes; null while there is no workspace. */
  changes: { open: boolean; toggle: () => void } | null;
  onEnd: () => void;
}) {
  const [asking, setAsking] = useState<"rename" | "end" | "delete" | null>(null);
  const actions = useThreadActions(thread);
  const { write } = useMay();
  const active = work.run !== null && !isEnded(work.run.status);
  const endable = active && !work.run?.external && write;
  const askEnd = () => {
    setAsking("end");
  };
  return (
    <header
      className={`is-${agent.role} veil relative z-3 flex items-center gap-3 rounded-t-xl border-b border-oma-line py-2.5 pr-3.5 pl-[18px] max-desk:gap-1.5 max-desk:rounded-none max-desk:py-1.5 max-desk:pr-1.5 max-desk:pl-0.5`}
    >
      <Link
        to="/projects/$projectId/threads"
        params={{ projectId: thread.projectId }}
        search={({ find }) => (find === undefined ? {} : { find })}
        aria-label="Back to threads"
        className="hidden size-11 flex-none place-items-center rounded-lg text-oma-muted max-desk:grid"
      >
        <ChevronLeft size={20} aria-hidden="true" />
      </Link>
      <Mascot role={agent.role} size={36} asleep={!active} />
      <div className="min-w-0 flex-1">
        <h1 className="truncate font-serif text-h3 tracking-[-.004em]">{thread.title || "New thread"}</h1>
        <div className="mt-[3px] flex h-5 items-center gap-2 text-small text-oma-muted">
          <span>{agent.displayName}</span>
          <span className="max-desk:hidden">
            <RoleBadge role={agent.role} />
          </span>
          {mode === "chat" && (
            <span
              title="Chat mode: reads and searches the workspace, and changes nothing"
              className="inline-flex h-[18px] items-center gap-1 rounded-full border border-oma-line px-[7px] text-tiny whitespace-nowrap"
            >
              <Eye size={12} aria-hidden="true" />
              reads only
            </span>
          )}
          <WorkStateLine {...work} mode={mode} />
        </div>
      </div>
      {endable && (
        <Button kind="ghost" size="small" className="max-desk:hidden" onClick={askEnd}>
          End session
        </Button>
      )}
      {changes && (
        <IconButton
          label="Changes"
          aria-pressed={changes.open}
          className="max-desk:hidden"
          onClick={changes.toggle}
        >
          <PanelRight size={16} />
        </IconButton>
      )}
      <Menu
        trigger={
          <IconButton label="More">
            <Ellipsis size={16} />
          </IconButton>
        }
      >
        {write && (
          <MenuItem
            icon={<Pencil size={16} />}
            onSelect={() => {
              setAsking("rename");
            }}
          >
            Rename
          </MenuItem>
        )}
        {changes && (
          <MenuItem icon={<FileDiff size={16} />} onSelect={changes.toggle} className="desk:hidden">
            Changes
          </MenuItem>
        )}
        <MenuItem
          icon={<FileText size={16} />}
          onSelect={() => {
            download(exportUrl(thread.threadId, "markdown"));
          }}
        >
          Export as Markdown
        </MenuItem>
        <MenuItem
          icon={<Braces size={16} />}
          onSelect={() => {
            download(exportUrl(thread.threadId, "json"));
          }}
        >
          Export as JSON
        </MenuItem>
        {write && thread.status === "archived" && (
          <MenuItem icon={<ArchiveRestore size={16} />} onSelect={actions.restore}>
            Restore
          </MenuItem>
        )}
        {write && thread.status !== "archived" && (
          <MenuItem icon={<Archive size={16} />} onSelect={actions.archive}>
            Archive
          </MenuItem>
        )}
        {!active && write && (
          <MenuItem
            danger
            icon={<Trash2 size={16} />}
            onSelect={() => {
              setAsking("delete");
            }}
          >
            Delete for good…
          </MenuItem>
        )}
        {endable && (
          <MenuItem danger icon={<CircleStop size={16} />} onSelect={askEnd}>
            End session
          </MenuItem>
        )}
      </Menu>
      {asking === "rename" && (
        <Rename
          thread={thread}
          onRename={actions.rename}
          onClose={() => {
            setAsking(null);
          }}
        />
      )}
      {asking === "delete" && (
        <Confirm
          title="Delete this conversation for good?"
          description="Everything that was said in it is gone, for everybody, and cannot be brought back. The workspace and what it cost stay."
          action="Delete for good"
          onConfirm={actions.delete}
          onClose={() => {
            setAsking(null);
          }}
        />
      )}
      {asking === "end" && (
        <Confirm
          title="End this session?"
          description={`${agent.displayName} stops and the agent process ends. The conversation and everything in the workspace stay; your next message starts a new session.`}
          action="End session"
          onConfirm={onEnd}
          onClose={() => {
            setAsking(null);
          }}
        />
      )}
    </header>
  );
}
