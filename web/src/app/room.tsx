import { useParams } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { ProjectRoom, useOpenChat } from "../features/project";

const AgentChatPanel = lazy(() =>
  import("../features/conversation").then((part) => ({ default: part.AgentChatPanel })),
);

/** A project's pages, with the chat that the address names beside them. */
export function Room() {
  const { projectId = "" } = useParams({ strict: false });
  const chat = useOpenChat();
  return (
    <div
      className={`grid min-w-0 transition-[grid-template-columns] duration-300 ease-in-out max-desk:block ${chat.threadId ? "grid-cols-[minmax(0,1fr)_408px]" : "grid-cols-[minmax(0,1fr)_0px]"}`}
    >
      <ProjectRoom />
      <div className="min-w-0 overflow-hidden max-desk:contents">
        {chat.threadId && (
          <Suspense>
            <AgentChatPanel
              key={chat.threadId}
              projectId={projectId}
              threadId={chat.threadId}
              onClose={chat.close}
            />
          </Suspense>
        )}
      </div>
    </div>
  );
}
