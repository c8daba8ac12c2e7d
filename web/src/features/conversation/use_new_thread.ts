import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { createThread } from "../../api/calls";
import { asProblem } from "../../api/client";
import type { Attachment, Mode, PermissionMode } from "../../api/types";
import { handOver } from "../../stream/chat";
import { keepDraftFiles } from "./attachments/use_attachments";

type First = { content: string; attachments: readonly Attachment[] };

/** A thread to be: who is asked, how they are to work, and its making with the first message. */
export function useNewThread(projectId: string) {
  const [agentName, setAgentName] = useState("nori");
  const [mode, setMode] = useState<Mode>("work");
  const [permissionMode, setPermissionMode] = useState<PermissionMode | null>(null);
  const [model, setModel] = useState<string | null>(null);
  const navigate = useNavigate();
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: async ({ content, attachments }: First) => {
      const thread = await createThread(agentName, {
        projectId,
        mode,
        ...(permissionMode ? { permissionMode } : {}),
        ...(model ? { model } : {}),
      });
      handOver(thread.threadId, content, attachments);
      return thread;
    },
    onSuccess: async (thread) => {
      await client.invalidateQueries({ queryKey: ["threads", projectId] });
      await navigate({
        to: "/projects/$projectId/threads/$threadId",
        params: { projectId, threadId: thread.threadId },
      });
    },
    onError: (_error, { content, attachments }) => {
      // The composer gave it away; it comes back as the draft.
      localStorage.setItem(`omakase.draft.new.${projectId}`, content);
      keepDraftFiles(`new.${projectId}`, attachments);
    },
  });
  return {
    agentName,
    setAgentName,
    settings: {
      mode,
      permissionMode,
      allowedTools: [],
      model,
      running: null,
      models: [],
      onMode: setMode,
      onPermissionMode: setPermissionMode,
      onModel: setModel,
    },
    create: create.mutate,
    sending: create.isPending,
    problem: create.error ? asProblem(create.error) : null,
    /** Counts the failures: after each the composer takes up the draft again. */
    failures: create.failureCount + (create.isError ? 1 : 0),
  };
}
