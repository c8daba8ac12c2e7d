import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { queries } from "../api/queries";
import { isEnded, type RunSummary } from "../api/types";
import { topics } from "../stream/page_topics";
import { explainProject } from "../stream/use_project";
import { newsOf, wanted } from "./news";

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
  const agents = useQuery(queries.agents()).data?.items;
  const known = useRef(new Map<string, RunSummary>());
  const projects = (data?.items ?? []).filter(({ archivedAt }) => !archivedAt).slice(0, mostProjects);
  const names = useRef(new Map<string, string>());
  useEffect(() => {
    names.current = new Map(agents?.map(({ name, displayName }) => [name, displayName]));
  }, [agents]);
  const ids = projects.map(({ id }) => id).join();
  const titles = useRef(new Map<string, string>());
  useEffect(() => {
    titles.current = new Map(projects.map(({ id, name }) => [id, name]));
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
      const news = newsOf(
        known.current.get(run.runId),
        run,
        names.current.get(run.agentName) ?? run.agentName,
      );
      if (isEnded(run.status)) known.current.delete(run.runId);
      else known.current.set(run.runId, run);
      if (!news || document.hasFocus() || !wanted.get(news.kind)) return;
      if (!("Notification" in window) || Notification.permission !== "granted") return;
      const notification = new Notification(news.words, {
        body: titles.current.get(projectId) ?? "",
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
