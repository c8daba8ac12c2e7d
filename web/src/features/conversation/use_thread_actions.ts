import { useMutation, useQueryClient } from "@tanstack/react-query";
import { changeThread } from "../../api/calls";
import { asProblem } from "../../api/client";
import type { Thread } from "../../api/types";
import { showToast } from "../../ui/toast";

/** Renaming and archiving a thread; archiving can be undone. */
export function useThreadActions(thread: Thread) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (values: { title?: string; status?: Thread["status"] }) =>
      changeThread(thread.agentName, thread.threadId, values),
    onSettled: () => client.invalidateQueries({ queryKey: ["threads", thread.projectId] }),
    onError: (error) => {
      showToast(asProblem(error).message);
    },
  });
  return {
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
