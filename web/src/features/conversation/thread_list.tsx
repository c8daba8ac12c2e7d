import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Archive } from "lucide-react";
import { useState } from "react";
import { asProblem } from "../../api/client";
import { useMay, useWriter } from "../../api/may";
import { queries } from "../../api/queries";
import type { Thread } from "../../api/types";
import { useUnread } from "../../api/unread";
import { readOutbox } from "../../stream/outbox";
import { Button } from "../../ui/button";
import { useKeys } from "../../ui/keys";
import { Mascot } from "../../ui/mascots";
import { Delayed, Dot, NeedsYou, Unread } from "../../ui/parts";
import { oneLine } from "../../ui/plain_text";
import { RelativeTime } from "../../ui/time";
import { ThreadListHead } from "./thread_list_head";
import { ThreadSearch } from "./thread_search";
import { groupOf, groupThreads, type GroupName } from "./groups";
import { useAgent } from "../../api/team";

const counted: GroupName[] = ["Needs you", "Your turn", "Working"];

const asks: Partial<Record<NonNullable<Thread["attention"]>, string>> = {
  permission: "Asks permission",
  question: "Question",
};

function LastLine({ thread }: { thread: Thread }) {
  const me = useWriter();
  const last = thread.lastMessage;
  const text = oneLine(last?.content ?? "");
  const asked = thread.attention && asks[thread.attention];
  if (asked) {
    return (
      <>
        <b className="font-medium text-oma-warning-ink">{asked}</b>
        {last?.sender === "agent" && text !== "" && ` · ${text}`}
      </>
    );
  }
  if (last?.type === "error") {
    return (
      <>
        <b className="font-medium text-oma-error-ink">Failed</b> · {text}
      </>
    );
  }
  if (!last) return readOutbox(thread.threadId).length > 0 ? "Not sent yet" : "No message yet";
  return last.sender === "user" ? `${me(last.author)}: ${text}` : text;
}

function ThreadRow({ thread, unread }: { thread: Thread; unread: number }) {
  const agent = useAgent(thread.agentName);
  const group = groupOf(thread);
  return (
    <Link
      to="/projects/$projectId/threads/$threadId"
      params={{ projectId: thread.projectId, threadId: thread.threadId }}
      className={`is-${agent.role} grid grid-cols-[28px_minmax(0,1fr)_auto] items-center gap-x-2.5 rounded-lg px-2.5 py-[9px] transition-colors duration-150 hover:bg-oma-hover aria-[current=page]:bg-oma-select aria-[current=page]:shadow-[inset_0_0_0_1px_var(--oma-glass-border)]`}
    >
      <Mascot role={agent.role} size={28} asleep={!thread.runId} />
      <span className="min-w-0">
        <span className="block truncate font-medium">{thread.title || "New thread"}</span>
        <span className="mt-px block truncate text-small text-oma-subtle">
          <LastLine thread={thread} />
        </span>
      </span>
      <span className="grid justify-items-end gap-0.5 self-start">
        <RelativeTime at={thread.lastMessageAt ?? thread.createdAt} className="leading-5" />
        <span className="flex h-[18px] items-center">
          {group === "Needs you" ? (
            <NeedsYou small />
          ) : unread > 0 ? (
            <Unread count={unread} className="h-[18px] min-w-[18px] px-[5px]" />
          ) : group === "Your turn" ? (
            <span className="is-ok flex">
              <Dot />
            </span>
          ) : (
            thread.busy && <Dot shape="live" />
          )}
        </span>
      </span>
    </Link>
  );
}

function Skeletons() {
  return (
    <Delayed>
      <div role="status" aria-busy="true" aria-label="Loading the threads" className="grid gap-2 px-2.5 pt-2">
        {[0, 1, 2].map((row) => (
          <div key={row} className="grid grid-cols-[28px_1fr] gap-2.5 py-2">
            <span className="skeleton size-7" />
            <span className="grid gap-1.5">
              <span className="skeleton h-3.5 w-3/4" />
              <span className="skeleton h-3 w-1/2" />
            </span>
          </div>
        ))}
      </div>
    </Delayed>
  );
}

/** What is said where, in groups by who is to act. */
function Threads({ projectId }: { projectId: string }) {
  const { data, error, refetch } = useQuery(queries.threads(projectId, true));
  const unread = useUnread(projectId);
  const { write } = useMay();
  const { threadId: openId } = useParams({ strict: false });
  const [showArchived, setShowArchived] = useState(false);
  const groups = groupThreads(data?.items ?? []);
  const archived = groups.find((group) => group.name === "Archived");
  const shown = groups.filter((group) => group.name !== "Archived" || showArchived);
  return (
    <>
      <nav
        aria-label="Thread list"
        className="flex min-h-0 flex-1 flex-col gap-0.5 overflow-y-auto px-0.5 pb-1"
      >
        {!data && !error && <Skeletons />}
        {error && !data && (
          <div role="alert" className="grid justify-items-start gap-2 px-2.5 text-small text-oma-muted">
            {asProblem(error).message}
            <Button size="small" onClick={() => void refetch()}>
              Try again
            </Button>
          </div>
        )}
        {data && groups.length === 0 && (
          <p className="px-2.5 py-2 text-small text-oma-subtle max-desk:hidden">
            {write ? "No threads yet. Write the first message." : "No threads yet."}
          </p>
        )}
        {data && groups.length === 0 && write && (
          <Link
            to="/projects/$projectId/threads"
            params={{ projectId }}
            search={{ compose: true }}
            className="hidden px-2.5 py-3 text-input underline underline-offset-3 max-desk:block"
          >
            Start the first thread
          </Link>
        )}
        {shown.map((group, index) => (
          <section key={group.name} aria-label={group.name} className="flex flex-col gap-0.5">
            <h3
              className={`flex justify-between px-2.5 pb-1.5 text-micro font-medium tracking-[.01em] text-oma-subtle ${index === 0 ? "pt-0.5" : "pt-4"}`}
            >
              <span>{group.name}</span>
              {counted.includes(group.name) && <span>{group.threads.length}</span>}
            </h3>
            {group.threads.map((thread) => (
              <ThreadRow
                key={thread.threadId}
                thread={thread}
                unread={thread.threadId === openId ? 0 : (unread.get(thread.threadId) ?? 0)}
              />
            ))}
          </section>
        ))}
      </nav>
      {archived && (
        <button
          type="button"
          aria-pressed={showArchived}
          onClick={() => {
            setShowArchived(!showArchived);
          }}
          className="grid min-h-9 grid-cols-[28px_minmax(0,1fr)_auto] items-center gap-x-2.5 rounded-lg px-2.5 text-left text-small text-oma-subtle hover:bg-oma-hover max-desk:min-h-11"
        >
          <Archive size={16} className="justify-self-center" aria-hidden="true" />
          Archived
          <span className="font-mono text-micro">{archived.threads.length}</span>
        </button>
      )}
    </>
  );
}

/** The conversations of a project, or what was found in them. */
export function ThreadList({ projectId }: { projectId: string }) {
  const { find } = useSearch({ strict: false });
  const navigate = useNavigate();
  const search = (text: string | undefined) =>
    void navigate({
      to: ".",
      search: ({ find: _, ...others }) => (text === undefined ? others : { ...others, find: text }),
      // The way back leads out of the search, not through every letter of it.
      replace: find !== undefined,
    });
  const open = () => {
    search("");
  };
  // An open search has the key itself.
  useKeys(find === undefined ? [{ keys: ["/"], does: "Search", group: "Conversation", run: open }] : []);
  return (
    <aside
      aria-label="Threads"
      className="flex min-h-0 min-w-0 flex-col gap-0.5 pt-3.5 pr-2 pb-2 pl-1 max-desk:h-dvh max-desk:px-2 max-desk:pb-24"
    >
      <ThreadListHead
        projectId={projectId}
        searching={find !== undefined}
        onSearch={() => {
          search(find === undefined ? "" : undefined);
        }}
      />
      {find === undefined ? (
        <Threads projectId={projectId} />
      ) : (
        <ThreadSearch
          projectId={projectId}
          q={find}
          onChange={search}
          onLeave={() => {
            search(undefined);
          }}
        />
      )}
    </aside>
  );
}
