import { Link } from "@tanstack/react-router";
import { Maximize2, X } from "lucide-react";
import { useEffect } from "react";
import { useMay } from "../../api/may";
import type { Thread } from "../../api/types";
import type { Chat, ChatSnapshot } from "../../stream/chat";
import { IconButton } from "../../ui/button";
import { Mascot } from "../../ui/mascots";
import { RoleBadge } from "../../ui/parts";
import { ConnectionBanner } from "../../ui/connection_banner";
import { WorkStateLine } from "./conversation_head";
import { DisclosureProvider } from "./disclosure";
import { PanelSheet } from "./panel_sheet";
import { PlacedThread } from "./placed_thread";
import { SilenceBanner } from "./silence_banner";
import { ThreadBody } from "./thread_body";
import { useOpenThread } from "./use_open_thread";

/** A conversation beside whatever a project shows. It is open as long as the address names it. */
export function AgentChatPanel({
  projectId,
  threadId,
  onClose,
}: {
  projectId: string;
  threadId: string;
  onClose: () => void;
}) {
  useEscape(onClose);
  return (
    <>
      <button
        type="button"
        tabIndex={-1}
        aria-label="Close the chat"
        onClick={onClose}
        className="fixed inset-0 z-19 hidden bg-oma-scrim max-desk:block"
      />
      <PlacedThread
        projectId={projectId}
        threadId={threadId}
        frame={(inside) => (
          <PanelSheet label="Chat" onClose={onClose}>
            <header className="flex justify-end p-2.5 max-desk:pt-4">
              <CloseButton onClose={onClose} />
            </header>
            {inside}
          </PanelSheet>
        )}
      >
        {(thread, snapshot, chat) => (
          <PanelThread thread={thread} snapshot={snapshot} chat={chat} onClose={onClose} />
        )}
      </PlacedThread>
    </>
  );
}

function CloseButton({ onClose }: { onClose: () => void }) {
  return (
    <IconButton label="Close the chat" onClick={onClose}>
      <X size={16} />
    </IconButton>
  );
}

function PanelThread({
  thread,
  snapshot,
  chat,
  onClose,
}: {
  thread: Thread;
  snapshot: ChatSnapshot;
  chat: Chat;
  onClose: () => void;
}) {
  const { write } = useMay();
  const view = useOpenThread(thread, snapshot, chat);
  const { agent, turn, work } = view;
  const { session, run } = snapshot.conversation;
  return (
    <DisclosureProvider value={view.disclosures}>
      <PanelSheet label={`Chat with ${agent.displayName}`} onClose={onClose}>
        <header
          data-drag
          className={`is-${agent.role} veil relative z-3 flex items-center gap-2.5 rounded-t-xl border-b border-oma-line py-2.5 pr-2.5 pl-3.5 max-desk:touch-none max-desk:pt-5`}
        >
          <Mascot role={agent.role} size={36} asleep={!thread.runId} />
          <div className="min-w-0 flex-1">
            <h2 className="flex items-center gap-2 font-serif text-h3">
              {agent.displayName}
              <RoleBadge role={agent.role} />
            </h2>
            <div className="mt-0.5 flex h-5 items-center gap-2 text-small text-oma-muted">
              <WorkStateLine {...work} mode={view.settings.mode} />
              <span className="min-w-0 truncate">{thread.title || "New thread"}</span>
            </div>
          </div>
          <Link
            to="/projects/$projectId/threads/$threadId"
            params={{ projectId: thread.projectId, threadId: thread.threadId }}
            aria-label="Open as a page"
            title="Open as a page"
            className="grid size-8 flex-none place-items-center rounded-sm text-oma-muted hover:bg-oma-select hover:text-oma-text max-desk:size-11"
          >
            <Maximize2 size={16} aria-hidden="true" />
          </Link>
          <CloseButton onClose={onClose} />
        </header>
        {session?.silence && run?.busy && (
          <SilenceBanner
            silence={session.silence}
            stopping={turn.stopping}
            onStop={write ? turn.stop : null}
          />
        )}
        <ConnectionBanner
          connection={snapshot.connection}
          onNow={() => {
            chat.reconnectNow();
          }}
        />
        <ThreadBody view={view} />
      </PanelSheet>
    </DisclosureProvider>
  );
}

/** Escape closes the panel, unless something above it takes the key: a menu, a dialog, what is being edited. */
function useEscape(onClose: () => void): void {
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
      const { target } = event;
      if (target instanceof Element && target.closest("[role=dialog],[role=menu]")) return;
      onClose();
    };
    window.addEventListener("keydown", close);
    return () => {
      window.removeEventListener("keydown", close);
    };
  }, [onClose]);
}
