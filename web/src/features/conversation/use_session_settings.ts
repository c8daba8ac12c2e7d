import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeThread, changeWorkSession, type ThreadValues } from "../../api/calls";
import { asProblem } from "../../api/client";
import { queries } from "../../api/queries";
import { isEnded, type Mode, type PermissionMode, type Thread } from "../../api/types";
import type { Chat } from "../../stream/chat";
import type { Conversation } from "../../stream/conversation";
import { showToast } from "../../ui/toast";

export type SessionSettings = ReturnType<typeof useSessionSettings>;

/** How the conversation's agent works: its mode, what it may do, its model. Kept with the thread. */
export function useSessionSettings(thread: Thread, chat: Chat, { run, session }: Conversation) {
  const client = useQueryClient();
  const [refused, setRefused] = useState(false);
  const runId = run && !isEnded(run.status) ? run.id : null;
  const details = useQuery({ ...queries.workSession(runId ?? ""), enabled: runId !== null });
  // What was just chosen stands at once, before the list says so too.
  const [chosen, setChosen] = useState<Pick<ThreadValues, "mode" | "permissionMode" | "model">>({});
  const fresh = () => client.invalidateQueries({ queryKey: ["threads", thread.projectId] });

  const inSession = async (values: { permissionMode?: PermissionMode; model?: string | null }) => {
    if (runId === null || thread.mode === "chat") return false;
    try {
      const { permissionMode, model } = await changeWorkSession(runId, values);
      const known = chat.getSnapshot().conversation.session;
      if (known) chat.learn({ ...known, permissionMode, ...(model ? { model } : {}), type: "session" });
      return true;
    } catch (error) {
      // It ended meanwhile: the choice is for the next one.
      if (asProblem(error).code === "run_not_active") return false;
      throw error;
    }
  };
  const set = async (values: ThreadValues, applied: () => Promise<boolean>) => {
    setChosen((before) => ({ ...before, ...values }));
    setRefused(false);
    try {
      if (!(await applied())) await changeThread(thread.agentName, thread.threadId, values);
      await fresh();
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code === "busy") setRefused(true);
      else showToast(problem.message);
    } finally {
      setChosen({});
    }
  };
  return {
    mode: chosen.mode ?? thread.mode,
    permissionMode: chosen.permissionMode ?? session?.permissionMode ?? thread.permissionMode,
    /** The model that was chosen for the conversation; null: the agent's own. */
    model: chosen.model === undefined ? thread.model : chosen.model,
    /** The model that answers, as the agent says. */
    running: session?.model ?? null,
    models: details.data?.models ?? [],
    details: details.data ?? null,
    /** The mode was not switched: the agent is in the middle of a turn. */
    refused: refused && run?.busy === true,
    setMode: (mode: Mode) => void set({ mode }, () => Promise.resolve(false)),
    setPermissionMode: (permissionMode: PermissionMode) =>
      void set({ permissionMode }, () => inSession({ permissionMode })),
    setModel: (model: string | null) => void set({ model }, () => inSession({ model })),
  };
}
