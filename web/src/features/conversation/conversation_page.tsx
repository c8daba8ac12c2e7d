import { useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { Thread } from "../../api/types";
import type { Chat, ChatSnapshot } from "../../stream/chat";
import { ConversationBanners } from "./conversation_banners";
import { ConversationHead } from "./conversation_head";
import { DisclosureProvider } from "./disclosure";
import { MainSheet } from "./main_sheet";
import { PlacedThread } from "./placed_thread";
import { ThreadBody } from "./thread_body";
import { useChanges } from "./use_changes";
import { useOpenThread } from "./use_open_thread";
import { usePageTitle } from "./use_page_title";

const ChangesPanel = lazy(() => import("./changes/changes_panel"));

export function ConversationPage() {
  const { projectId = "", threadId = "" } = useParams({ strict: false });
  return (
    <PlacedThread
      key={threadId}
      projectId={projectId}
      threadId={threadId}
      frame={(inside) => <MainSheet>{inside}</MainSheet>}
    >
      {(thread, snapshot, chat) => <ThreadPage thread={thread} snapshot={snapshot} chat={chat} />}
    </PlacedThread>
  );
}

function ThreadPage({ thread, snapshot, chat }: { thread: Thread; snapshot: ChatSnapshot; chat: Chat }) {
  const view = useOpenThread(thread, snapshot, chat);
  const { agent, settings, turn } = view;
  const changes = useChanges(snapshot.conversation, view.preparing);
  usePageTitle(thread.title || "New thread", snapshot.conversation.messages, view.asking);
  return (
    <DisclosureProvider value={view.disclosures}>
      <MainSheet>
        <ConversationHead
          thread={thread}
          agent={agent}
          mode={settings.mode}
          work={view.work}
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
        <ThreadBody view={view} />
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
