import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeThread, type ThreadValues } from "../../api/calls";
import { asProblem } from "../../api/client";
import { queries } from "../../api/queries";
import { isEnded, type Mode, type PermissionMode, type Thread } from "../../api/types";
import type { Conversation } from "../../stream/conversation";
import { showToast } from "../../ui/toast";

export type SessionSettings = ReturnType<typeof useSessionSettings>;

/** How the agent works: its mode, what it may do, its model. Kept with the thread; the server tells a running one. */
export function useSessionSettings(thread: Thread, { run, session }: Conversation) {
  const client = useQueryClient();
  const [refused, setRefused] = useState(false);
  const runId = run && !isEnded(run.status) ? run.id : null;
  const external = runId !== null && run?.external === true;
  const details = useQuery({
    ...queries.workSession(runId ?? ""),
    enabled: runId !== null && !external,
    // The agent's program says what it offers a while after it has started.
    refetchInterval: (query) => (query.state.data?.models ? false : 5_000),
  });
  const live = runId === null ? null : session;
  // What was just chosen stands at once, before the list says so too.
  const [chosen, setChosen] = useState<Pick<ThreadValues, "mode" | "permissionMode" | "model">>({});
  const fresh = () => client.invalidateQueries({ queryKey: ["threads", thread.projectId] });

  const set = async (values: ThreadValues) => {
    setChosen((before) => ({ ...before, ...values }));
    setRefused(false);
    try {
      await changeThread(thread.agentName, thread.threadId, values);
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
    /** A program elsewhere carries the run out: it is not ended or set from here. */
    external,
    mode: chosen.mode ?? thread.mode,
    permissionMode: chosen.permissionMode ?? live?.permissionMode ?? thread.permissionMode,
    /** What need not be asked any more in this session. */
    allowedTools: live?.allowedTools ?? [],
    /** The model that was chosen for the conversation; null: the agent's own. */
    model: chosen.model === undefined ? thread.model : chosen.model,
    /** The model that answers, as the agent says. */
    running: live?.model ?? null,
    models: details.data?.models ?? [],
    details: details.data ?? null,
    /** The mode was not switched: the agent is in the middle of a turn. */
    refused: refused && run?.busy === true,
    setMode: (mode: Mode) => void set({ mode }),
    setPermissionMode: (permissionMode: PermissionMode) => void set({ permissionMode }),
    setModel: (model: string | null) => void set({ model }),
  };
}
