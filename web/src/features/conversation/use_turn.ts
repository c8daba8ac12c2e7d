import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { endSession, interrupt } from "../../api/calls";
import { asProblem } from "../../api/client";
import type { Thread } from "../../api/types";
import type { Conversation } from "../../stream/conversation";
import { showToast } from "../../ui/toast";

/** When the turn that goes on began: with the last message of a person that the agent has taken. */
function turnStart({ messages, run, undelivered }: Conversation): number | null {
  if (!run?.busy) return null;
  const last = messages.findLast(
    (message) =>
      message.runId === run.id &&
      message.sender === "user" &&
      !message.withdrawnAt &&
      !undelivered.includes(message.id),
  );
  return last ? Date.parse(last.deliveredAt ?? last.timestamp) : null;
}

/** The turn that goes on: since when, and the ways to stop it and to end the session. */
export function useTurn(thread: Thread, conversation: Conversation) {
  const { run } = conversation;
  const client = useQueryClient();
  const since = turnStart(conversation);
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
  return { since, stopping, stop, end };
}
