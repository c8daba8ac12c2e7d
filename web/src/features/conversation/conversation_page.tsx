import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { endSession, interrupt } from "../../api/calls";
import { asProblem } from "../../api/client";
import { queries } from "../../api/queries";
import { isEnded, type Thread } from "../../api/types";
import type { Chat, ChatSnapshot } from "../../stream/chat";
import type { Conversation } from "../../stream/conversation";
import { useKeys } from "../../ui/keys";
import { showToast } from "../../ui/toast";
import { Announcer } from "./announcer";
import { ConnectionBanner } from "./connection_banner";
import { ConversationHead } from "./conversation_head";
import { Empty, Missing, NotLoaded, Skeletons } from "./conversation_states";
import { DisclosureProvider, Disclosures } from "./disclosure";
import { MessageList } from "./message_list";
import { PracticeStrip } from "./practice_strip";
import { Dock } from "./dock";
import { RowView } from "./row_view";
import { setupState, storedRows, withLive, type Row } from "./rows";
import { useAgent } from "./team";
import { useAgentChat } from "./use_agent_chat";
import { usePageTitle } from "./use_page_title";

export function ConversationPage() {
  const { projectId = "", threadId = "" } = useParams({ strict: false });
  return <PlacedThread key={threadId} projectId={projectId} threadId={threadId} />;
}

/** Loads the history while the thread itself is still being looked up. */
function PlacedThread({ projectId, threadId }: { projectId: string; threadId: string }) {
  const { data, error, refetch } = useQuery(queries.threads(projectId, true));
  const thread = data?.items.find((candidate) => candidate.threadId === threadId);
  const client = useQueryClient();
  useEffect(() => {
    // A thread that was made a moment ago is not in a list from before.
    if (data && !thread) void client.invalidateQueries({ queryKey: ["threads", projectId] });
  }, [client, data, thread, projectId]);
  const [snapshot, chat] = useAgentChat(threadId, thread);
  if (thread) return <OpenThread thread={thread} snapshot={snapshot} chat={chat} />;
  if (error) return <NotLoaded problem={asProblem(error)} onRetry={() => void refetch()} />;
  if (data) return <Missing projectId={projectId} />;
  return <Skeletons />;
}

/** When the turn that goes on began: with the last message of a person that the agent has taken. */
function turnStart({ messages, run, undelivered }: Conversation): number | null {
  if (!run?.busy) return null;
  const last = messages.findLast(
    (message) => message.runId === run.id && message.sender === "user" && !undelivered.has(message.id),
  );
  return last ? Date.parse(last.deliveredAt ?? last.timestamp) : null;
}

function OpenThread({ thread, snapshot, chat }: { thread: Thread; snapshot: ChatSnapshot; chat: Chat }) {
  const agent = useAgent(thread.agentName);
  const { conversation, connection, history } = snapshot;
  const { run } = conversation;
  const writing = conversation.previews.length > 0;
  const stored = useMemo(
    () => storedRows(conversation),
    // The previews change with every word and have no part in the stored rows, but for whether there are any.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [conversation.messages, conversation.undelivered, run, writing],
  );
  const rows = withLive(stored, conversation, new Date().toISOString());
  const preparing = rows.some(
    (row) => row.kind === "setup" && row.run.runId === run?.id && setupState(row.run) === "running",
  );
  const [disclosures] = useState(() => new Disclosures());
  const since = turnStart(conversation);
  const { stopping, stop, end } = useSession(thread, conversation, since);
  useFreshThreads(thread.projectId, conversation);
  usePageTitle(thread.title || "New thread", conversation.messages);

  const ended =
    history === "ready" && conversation.messages.length > 0 && (!run || isEnded(run.status)) && !thread.busy;
  useKeys([
    {
      keys: ["O"],
      does: "Open the turn's tool lines",
      group: "Conversation",
      run: () => {
        toggleTools(rows, disclosures);
      },
    },
  ]);

  return (
    <DisclosureProvider value={disclosures}>
      <ConversationHead
        thread={thread}
        agent={agent}
        work={{
          run: run ?? (ended ? { id: "", status: "completed", busy: false } : null),
          preparing,
          stopping,
          since,
        }}
        onEnd={end}
      />
      <PracticeStrip />
      <ConnectionBanner
        connection={connection}
        onNow={() => {
          chat.reconnectNow();
        }}
      />
      {history === "failed" && snapshot.problem ? (
        <NotLoaded problem={snapshot.problem} onRetry={() => void chat.loadNewest()} />
      ) : history === "loading" ? (
        <Skeletons />
      ) : rows.length === 0 ? (
        <Empty agent={agent} />
      ) : (
        <MessageList
          rows={rows}
          hasEarlier={snapshot.hasEarlier}
          onEarlier={() => void chat.loadEarlier()}
          render={(row) => (
            <RowView
              row={row}
              agent={agent}
              thread={thread}
              preparing={preparing}
              setupOutput={conversation.setupOutput}
              onRetry={(id) => {
                chat.retry(id);
              }}
              onDiscard={(id) => {
                chat.discard(id);
              }}
            />
          )}
        />
      )}
      <Announcer messages={conversation.messages} name={agent.displayName} ready={history === "ready"} />
      <Dock
        thread={thread}
        agent={agent}
        conversation={conversation}
        ended={ended && conversation.outbox.every((outgoing) => outgoing.failure)}
        stopping={stopping}
        onStop={stop}
        onSend={(text) => {
          chat.send(text);
        }}
      />
    </DisclosureProvider>
  );
}

/** The thread list says who works; it is asked again when that changes here. */
function useFreshThreads(projectId: string, { run }: Conversation): void {
  const client = useQueryClient();
  const work = run ? `${run.id} ${run.status} ${String(run.busy)}` : "";
  useEffect(() => {
    if (work !== "") void client.invalidateQueries({ queryKey: ["threads", projectId] });
  }, [client, projectId, work]);
}

/** Stopping the turn and ending the session. */
function useSession(thread: Thread, { run }: Conversation, since: number | null) {
  const client = useQueryClient();
  const turn = run?.busy ? `${run.id}:${String(since)}` : null;
  const [stoppedTurn, setStoppedTurn] = useState<string | null>(null);
  const stopping = turn !== null && turn === stoppedTurn;
  const stop = () => {
    if (!run || turn === null || stopping) return;
    setStoppedTurn(turn);
    interrupt(run.id).catch((error: unknown) => {
      setStoppedTurn(null);
      // "idle": the turn was over before the request came; nothing is left to stop.
      if (asProblem(error).code !== "idle") showToast(asProblem(error).message);
    });
  };
  const end = () => {
    if (!run) return;
    endSession(run.id)
      .catch((error: unknown) => {
        showToast(asProblem(error).message);
      })
      .finally(() => void client.invalidateQueries({ queryKey: ["threads", thread.projectId] }));
  };
  return { stopping, stop, end };
}

function toggleTools(rows: Row[], disclosures: Disclosures): void {
  const turn = rows.slice(rows.findLastIndex((row) => row.kind === "person") + 1);
  const ids = turn.flatMap((row) => (row.kind === "tools" ? row.tools.map((tool) => tool.toolUseId) : []));
  const allOpen = ids.every((id) => disclosures.get(id));
  disclosures.set(ids, !allOpen);
}
