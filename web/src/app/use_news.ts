import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { queries } from "../api/queries";
import { teammateOf, useTeam } from "../api/team";
import { isEnded, type RunSummary } from "../api/types";
import { topics } from "../stream/page_topics";
import { explainProject } from "../stream/use_project";
import { newsOf, wanted } from "./news";
import { pushed } from "./push";

/** More topics than this one stream does not carry beside what the page itself follows. */
const mostProjects = 100;

/**
 * Follows every project: keeps the list of them as it is, and tells a person who looks elsewhere what they asked to be
 * told. Several pages of a browser tell the same news as one, by its tag.
 */
export function useNews(): void {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data } = useQuery(queries.projects());
  const team = useTeam();
  const known = useRef(new Map<string, RunSummary>());
  const projects = (data?.items ?? []).filter(({ archivedAt }) => !archivedAt).slice(0, mostProjects);
  // In an order of their own: that of the list changes with every message, and would open the stream anew.
  const ids = projects
    .map(({ id }) => id)
    .sort()
    .join();
  const words = useRef({ team, projects });
  useEffect(() => {
    words.current = { team, projects };
  });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: ["projects"], exact: true });
      }, 400);
    };
    const tell = (projectId: string, run: RunSummary) => {
      const { displayName } = teammateOf(words.current.team, run.agentName);
      const news = newsOf(known.current.get(run.runId), run, displayName);
      if (isEnded(run.status)) known.current.delete(run.runId);
      else known.current.set(run.runId, run);
      // What the service worker shows is not shown twice.
      if (!news || document.hasFocus() || pushed() || !wanted.get(news.kind)) return;
      if (!("Notification" in window) || Notification.permission !== "granted") return;
      const notification = new Notification(news.words, {
        body: words.current.projects.find(({ id }) => id === projectId)?.name ?? "",
        tag: `${run.runId}:${news.kind}`,
      });
      notification.onclick = () => {
        window.focus();
        notification.close();
        if (run.threadId === null) return;
        void navigate({
          to: "/projects/$projectId/threads/$threadId",
          params: { projectId, threadId: run.threadId },
        });
      };
    };
    const followings = ids
      .split(",")
      .filter((id) => id !== "")
      .map((projectId) =>
        topics.follow({
          topic: `project:${projectId}`,
          since: null,
          onEvent: ({ event, data: told }) => {
            if (event === "state") {
              for (const run of (told as { runs: RunSummary[] }).runs) tell(projectId, run);
            } else if (event === "run-status") {
              tell(projectId, told as RunSummary);
              refresh();
            }
          },
          onState: () => undefined,
          explain: () => explainProject(client, projectId),
        }),
      );
    return () => {
      clearTimeout(timer);
      for (const following of followings) following.stop();
    };
  }, [client, navigate, ids]);
}
