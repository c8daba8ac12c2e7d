import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { asProblem } from "../../api/client";
import { queries } from "../../api/queries";
import { isEnded, type Thread } from "../../api/types";
import type { Chat, ChatSnapshot } from "../../stream/chat";
import { useKeys } from "../../ui/keys";
import { answersOf } from "./answers";
import { Announcer } from "./announcer";
import { ConversationHead } from "./conversation_head";
import { Missing, NotLoaded, Skeletons } from "./conversation_states";
import { ConversationBanners } from "./conversation_banners";
import { DisclosureProvider, Disclosures } from "./disclosure";
import { Dock } from "./dock";
import { MainSheet } from "./main_sheet";
import { RowView } from "./row_view";
import { setupState, storedRows, withLive, type Row } from "./rows";
import { Rows } from "./rows_view";
import { useAgent } from "./team";
import { useAgentChat } from "./use_agent_chat";
import { useChanges } from "./use_changes";
import { usePageTitle } from "./use_page_title";
import { useSessionSettings } from "./use_session_settings";
import { useFreshThreads, useTurn } from "./use_turn";
import { waitingActions } from "./use_waiting";

const ChangesPanel = lazy(() => import("./changes/changes_panel"));

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
  return (
    <MainSheet>
      {error ? (
        <NotLoaded problem={asProblem(error)} onRetry={() => void refetch()} />
      ) : data ? (
        <Missing projectId={projectId} />
      ) : (
        <Skeletons />
      )}
    </MainSheet>
  );
}

function OpenThread({ thread, snapshot, chat }: { thread: Thread; snapshot: ChatSnapshot; chat: Chat }) {
  const agent = useAgent(thread.agentName);
  const { conversation, history } = snapshot;
  const { run, permissions } = conversation;
  const rows = useRows(snapshot);
  const preparing = rows.some(
    (row) => row.kind === "setup" && row.run.runId === run?.id && setupState(row.run) === "running",
  );
  const [disclosures] = useState(() => new Disclosures());
  const [answer] = useState(() => answersOf(chat));
  const turn = useTurn(thread, conversation);
  const settings = useSessionSettings(thread, conversation);
  const changes = useChanges(conversation, preparing);
  useFreshThreads(thread.projectId, conversation);

  const ended =
    history === "ready" && conversation.messages.length > 0 && (!run || isEnded(run.status)) && !thread.busy;
  const asking = permissions.length > 0 || (!ended && run !== null && run.attention !== null);
  usePageTitle(thread.title || "New thread", conversation.messages, asking);
  useKeys([
    {
      keys: ["O"],
      does: "Open the turn's tool lines",
      group: "Reading",
      run: () => {
        toggleTools(rows, disclosures);
      },
    },
  ]);
  const shownRun =
    run ?? (ended ? ({ id: "", status: "completed", busy: false, attention: null } as const) : null);

  return (
    <DisclosureProvider value={disclosures}>
      <MainSheet>
        <ConversationHead
          thread={thread}
          agent={agent}
          mode={settings.mode}
          work={{ run: shownRun, preparing, asking, stopping: turn.stopping, since: turn.since }}
          changes={changes.runId === null ? null : changes}
          onEnd={turn.end}
        />
        <ConversationBanners
          snapshot={snapshot}
          chat={chat}
          settings={settings}
          changes={changes}
          turn={turn}
        />
        <Rows
          snapshot={snapshot}
          chat={chat}
          agent={agent}
          mode={settings.mode}
          rows={rows}
          render={(row) => (
            <RowView
              row={row}
              agent={agent}
              thread={thread}
              preparing={preparing}
              conversation={conversation}
              onAnswer={answer}
              onRetry={(id) => {
                chat.retry(id);
              }}
              onDiscard={(id) => {
                chat.discard(id);
              }}
              onTakeBack={(id) => {
                waitingActions(chat, conversation, agent.displayName).withdraw(id);
              }}
            />
          )}
        />
        <Announcer
          messages={conversation.messages}
          asking={permissions}
          name={agent.displayName}
          ready={history === "ready"}
        />
        <Dock
          thread={thread}
          agent={agent}
          chat={chat}
          conversation={conversation}
          settings={settings}
          ended={ended && conversation.outbox.every((outgoing) => outgoing.failure)}
          stopping={turn.stopping}
          onStop={turn.stop}
        />
      </MainSheet>
      {changes.open && changes.runId !== null && (
        <Suspense>
          <ChangesPanel
            threadId={thread.threadId}
            runId={changes.runId}
            agent={agent.displayName}
            changes={changes.changes}
            early={changes.early}
            problem={changes.problem}
            layout={changes.layout}
            takesFocus={changes.opened}
            onLayout={changes.setLayout}
            onRetry={changes.retry}
            onClose={changes.toggle}
            onSend={(message) => {
              chat.send(message);
              if (matchMedia("(width < 1181px)").matches) changes.toggle();
            }}
          />
        </Suspense>
      )}
    </DisclosureProvider>
  );
}

/** The rows that stand: those of what is stored, drawn anew only when that changes, and what is live. */
function useRows({ conversation }: ChatSnapshot): Row[] {
  const { run } = conversation;
  const writing = conversation.previews.length > 0;
  const stored = useMemo(
    () => storedRows(conversation),
    // The previews change with every word and have no part in the stored rows, but for whether there are any.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [conversation.messages, conversation.undelivered, conversation.permissions, run, writing],
  );
  return withLive(stored, conversation, new Date().toISOString());
}

function toggleTools(rows: Row[], disclosures: Disclosures): void {
  const turn = rows.slice(rows.findLastIndex((row) => row.kind === "person") + 1);
  const ids = turn.flatMap((row) => (row.kind === "tools" ? row.tools.map((tool) => tool.toolUseId) : []));
  const allOpen = ids.every((id) => disclosures.get(id));
  disclosures.set(ids, !allOpen);
}
