import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, type ReactNode } from "react";
import { asProblem } from "../../api/client";
import { queries } from "../../api/queries";
import type { Thread } from "../../api/types";
import type { Chat, ChatSnapshot } from "../../stream/chat";
import { Missing, NotLoaded, Skeletons } from "./conversation_states";
import { useAgentChat } from "./use_agent_chat";

/** Loads a thread's history while the thread itself is still being looked up; `frame` is what its place looks like until then. */
export function PlacedThread({
  projectId,
  threadId,
  frame,
  children,
}: {
  projectId: string;
  threadId: string;
  frame: (inside: ReactNode) => ReactNode;
  children: (thread: Thread, snapshot: ChatSnapshot, chat: Chat) => ReactNode;
}) {
  const { data, error, refetch } = useQuery(queries.threads(projectId, true));
  const thread = data?.items.find((candidate) => candidate.threadId === threadId);
  const client = useQueryClient();
  useEffect(() => {
    // A thread that was made a moment ago is not in a list from before.
    if (data && !thread) void client.invalidateQueries({ queryKey: ["threads", projectId] });
  }, [client, data, thread, projectId]);
  const [snapshot, chat] = useAgentChat(threadId, thread);
  if (thread) return children(thread, snapshot, chat);
  return frame(
    error ? (
      <NotLoaded problem={asProblem(error)} onRetry={() => void refetch()} />
    ) : data ? (
      <Missing projectId={projectId} />
    ) : (
      <Skeletons />
    ),
  );
}
