import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { queries } from "../../api/queries";
import type { Thread } from "../../api/types";
import { Chat, type ChatSnapshot } from "../../stream/chat";

/** Opens a thread's conversation and keeps it live while the calling view is mounted. */
export function useAgentChat(threadId: string, thread: Thread | undefined): [ChatSnapshot, Chat] {
  const client = useQueryClient();
  const [chat] = useState(
    () =>
      new Chat(threadId, () => {
        void client.invalidateQueries({ queryKey: ["me"] });
      }),
  );
  const snapshot = useSyncExternalStore(chat.subscribe, chat.getSnapshot);

  useEffect(() => {
    void chat.start(client.fetchQuery(queries.history(threadId)));
    return () => {
      chat.stop();
    };
  }, [chat, client, threadId]);

  const runId = thread?.runId ?? null;
  const busy = thread?.busy ?? false;
  const attention = thread?.attention ?? null;
  const external = thread?.external ?? false;
  useEffect(() => {
    if (runId) chat.setRun({ id: runId, status: busy ? "coding" : "started", busy, attention, external });
  }, [chat, runId, busy, attention, external]);

  return [snapshot, chat];
}
