import {
  infiniteQueryOptions,
  MutationCache,
  QueryCache,
  QueryClient,
  queryOptions,
} from "@tanstack/react-query";
import * as calls from "./calls";
import { asProblem } from "./client";

// What the page keeps of the server's state, and how long it believes it. What is asked for at an interval is
// asked for while the page is visible only, and at once when it becomes so.

export const queries = {
  /** An administrator may change the role of somebody whose page is open. */
  me: () => queryOptions({ queryKey: ["me"], queryFn: calls.getMe, staleTime: 60_000 }),
  doctor: () => queryOptions({ queryKey: ["doctor"], queryFn: calls.getDoctor, staleTime: 30_000 }),
  users: () => queryOptions({ queryKey: ["users"], queryFn: calls.listUsers, staleTime: 10_000 }),
  tokens: () => queryOptions({ queryKey: ["tokens"], queryFn: calls.listTokens, staleTime: 10_000 }),
  members: (projectId: string) =>
    queryOptions({ queryKey: ["members", projectId], queryFn: () => calls.listMembers(projectId) }),
  projects: () =>
    queryOptions({ queryKey: ["projects"], queryFn: calls.listProjects, refetchInterval: 5_000 }),
  project: (id: string) =>
    queryOptions({ queryKey: ["projects", id], queryFn: () => calls.getProject(id), staleTime: 60_000 }),
  /** For the moment of opening a thread: from there on its stream tells. */
  history: (threadId: string) =>
    queryOptions({
      queryKey: ["history", threadId],
      queryFn: () => calls.listMessages(threadId),
      staleTime: 2_000,
      gcTime: 10_000,
    }),
  agents: () => queryOptions({ queryKey: ["agents"], queryFn: calls.listAgents, staleTime: 60_000 }),
  threads: (projectId: string, includeArchived: boolean) =>
    queryOptions({
      queryKey: ["threads", projectId, includeArchived],
      queryFn: () => calls.listThreads(projectId, includeArchived),
      // A view that follows the project asks again when the stream says so; this is for what it cannot say.
      refetchInterval: 60_000,
    }),
  /** What it says never changes. */
  textFile: (id: string) =>
    queryOptions({
      queryKey: ["attachments", id],
      queryFn: () => calls.readTextFile(id),
      staleTime: Infinity,
    }),
  search: (projectId: string, q: string) =>
    infiniteQueryOptions({
      queryKey: ["search", projectId, q],
      queryFn: ({ pageParam }) => calls.searchConversations(projectId, q, pageParam),
      initialPageParam: null as string | null,
      getNextPageParam: ({ next }) => next,
      staleTime: 10_000,
    }),
  runs: (projectId: string) =>
    queryOptions({
      queryKey: ["runs", projectId],
      queryFn: () => calls.listRuns(projectId),
      staleTime: 10_000,
    }),
  unread: (projectId: string) =>
    queryOptions({
      queryKey: ["unread", projectId],
      queryFn: () => calls.listUnread(projectId),
      staleTime: 10_000,
    }),
  // The runs of an agent belong to those of its project: what the stream says of these counts for them.
  agentRuns: (projectId: string, agentName: string) =>
    infiniteQueryOptions({
      queryKey: ["runs", projectId, agentName],
      queryFn: ({ pageParam }) => calls.listAgentRuns(agentName, projectId, pageParam),
      initialPageParam: null as string | null,
      getNextPageParam: ({ next }) => next,
      staleTime: 10_000,
    }),
  agentTotals: (projectId: string, agentName: string) =>
    queryOptions({
      queryKey: ["runs", projectId, agentName, "totals"],
      queryFn: async () => {
        const [here, everywhere] = await Promise.all([
          calls.getAgentTotals(agentName, projectId),
          calls.getAgentTotals(agentName),
        ]);
        return { here, everywhere };
      },
      staleTime: 10_000,
    }),
  personality: (agentName: string) =>
    queryOptions({
      queryKey: ["personality", agentName],
      queryFn: () => calls.getPersonality(agentName),
      staleTime: 60_000,
    }),
  memories: (projectId: string, agentName: string) =>
    queryOptions({
      queryKey: ["memories", projectId, agentName],
      queryFn: () => calls.listMemories(agentName, projectId),
    }),
  /** What of a work session the stream does not tell. */
  workSession: (runId: string) =>
    queryOptions({
      queryKey: ["work-sessions", runId],
      queryFn: () => calls.getWorkSession(runId),
      staleTime: 60_000,
    }),
  /** The workspace's changes: asked for again when something has happened to them. */
  changes: (runId: string) =>
    queryOptions({
      queryKey: ["changes", runId],
      queryFn: () => calls.getChanges(runId),
      staleTime: 10_000,
    }),
  variables: (projectId: string) =>
    queryOptions({ queryKey: ["variables", projectId], queryFn: () => calls.listVariables(projectId) }),
  webhook: (projectId: string) =>
    queryOptions({ queryKey: ["webhook", projectId], queryFn: () => calls.getWebhook(projectId) }),
  permissionRules: (projectId: string) =>
    queryOptions({
      queryKey: ["permission-rules", projectId],
      queryFn: () => calls.listPermissionRules(projectId),
    }),
};

/** Only what may pass by itself is tried again: no answer, and a server that is busy or away. */
function mayPass(error: unknown): boolean {
  const { status } = asProblem(error);
  return status === 0 || status === 429 || status >= 500;
}

export function makeQueryClient(): QueryClient {
  // Who is signed out elsewhere, or given another role, learns it from whatever is asked next.
  const onError = (error: unknown) => {
    if ([401, 403].includes(asProblem(error).status)) void client.invalidateQueries({ queryKey: ["me"] });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (query.queryKey[0] !== "me") onError(error);
      },
    }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < 2 && mayPass(error),
        refetchOnWindowFocus: true,
      },
    },
  });
  return client;
}
