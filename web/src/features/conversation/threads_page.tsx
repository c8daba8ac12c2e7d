import { Outlet, useParams, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { useProject } from "../../stream/use_project";
import { ThreadList } from "./thread_list";

export const lastPlaceKey = "omakase.last-conversation";

/** A project's threads beside the open one. On the phone one of the two. */
export function ThreadsPage() {
  const { projectId = "", threadId } = useParams({ strict: false });
  const { compose } = useSearch({ strict: false });
  useEffect(() => {
    localStorage.setItem(
      lastPlaceKey,
      threadId ? `/projects/${projectId}/threads/${threadId}` : `/projects/${projectId}/threads`,
    );
  }, [projectId, threadId]);
  useProject(projectId);
  const open = threadId !== undefined || compose === true;
  return (
    <div className="grid h-dvh min-w-0 grid-cols-[272px_minmax(0,1fr)] gap-x-2 py-2 pr-2 max-wide:grid-cols-[240px_minmax(0,1fr)] max-desk:block max-desk:p-0">
      <div className={`grid min-h-0 min-w-0 ${open ? "max-desk:hidden" : ""}`}>
        <ThreadList projectId={projectId} />
      </div>
      <div className={`relative flex h-full min-h-0 min-w-0 gap-2 ${open ? "" : "max-desk:hidden"}`}>
        <Outlet />
      </div>
    </div>
  );
}
