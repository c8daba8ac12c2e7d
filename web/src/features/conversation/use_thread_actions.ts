import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { changeThread, deleteThread } from "../../api/calls";
import { asProblem } from "../../api/client";
import type { Thread } from "../../api/types";
import { showToast } from "../../ui/toast";

/** Renaming, archiving and deleting a thread; archiving can be undone. */
export function useThreadActions(thread: Thread) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const change = useMutation({
    mutationFn: (values: { title?: string; status?: Thread["status"] }) =>
      changeThread(thread.agentName, thread.threadId, values),
    onSettled: () => client.invalidateQueries({ queryKey: ["threads", thread.projectId] }),
    onError: (error) => {
      showToast(asProblem(error).message);
    },
  });
  const deletion = useMutation({
    mutationFn: () => deleteThread(thread.threadId),
    onSuccess: async () => {
      await navigate({ to: "/projects/$projectId/threads", params: { projectId: thread.projectId } });
      showToast("Conversation deleted");
      await client.invalidateQueries({ queryKey: ["threads", thread.projectId] });
    },
    onError: (error) => {
      showToast(asProblem(error).message);
    },
  });
  return {
    delete: () => {
      deletion.mutate();
    },
    rename: (title: string) => {
      change.mutate({ title });
    },
    archive: () => {
      change.mutate(
        { status: "archived" },
        {
          onSuccess: () => {
            showToast("Thread archived", () => {
              change.mutate({ status: "active" });
            });
          },
        },
      );
    },
    restore: () => {
      change.mutate({ status: "active" });
    },
  };
}
