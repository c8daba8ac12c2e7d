import { path, request } from "./client";
import type {
  AgentPage,
  Doctor,
  Message,
  Mode,
  PostedMessage,
  Project,
  ProjectPage,
  Run,
  Thread,
  ThreadPage,
  User,
} from "./types";

// One function for each call that the page makes.

export const login = (code: string) => request<{ user: User }>("POST", "/api/login", { code });
export const logout = () => request<unknown>("POST", "/api/logout", {});
export const getMe = () => request<User>("GET", "/api/me");
export const getDoctor = () => request<Doctor>("GET", "/api/doctor");

export const listProjects = () => request<ProjectPage>("GET", "/api/projects?limit=1000");
export const getProject = (id: string) => request<Project>("GET", path`/api/projects/${id}`);
export const createProject = (values: { repoUrl: string; name?: string; id?: string }) =>
  request<Project>("POST", "/api/projects", values);
export const changeProject = (id: string, values: { name?: string; archived?: boolean }) =>
  request<Project>("PATCH", path`/api/projects/${id}`, values);

export const listAgents = () => request<AgentPage>("GET", "/api/agents");

export const listThreads = (projectId: string, includeArchived: boolean) =>
  request<ThreadPage>(
    "GET",
    path`/api/projects/${projectId}/threads` + `?limit=1000&includeArchived=${String(includeArchived)}`,
  );
export const createThread = (agentName: string, values: { projectId: string; mode: Mode; title?: string }) =>
  request<Thread>("POST", path`/api/agents/${agentName}/threads`, values);
export const changeThread = (
  agentName: string,
  threadId: string,
  values: { title?: string; status?: Thread["status"]; mode?: Mode },
) => request<Thread>("PATCH", path`/api/agents/${agentName}/threads/${threadId}`, values);

/** Later than every message: a page that ends at the newest one. */
const endOfTime = "9999-12-31T23:59:59.999999Z";

export const historyPageSize = 200;

/** The last page of a thread's messages before a timestamp, ascending. */
export const listMessages = (threadId: string, before: string = endOfTime) =>
  request<Message[]>(
    "GET",
    path`/api/threads/${threadId}/messages` +
      `?limit=${String(historyPageSize)}&before=${encodeURIComponent(before)}`,
  );
export const sendMessage = (threadId: string, values: { content: string; id: string }) =>
  request<PostedMessage>("POST", path`/api/threads/${threadId}/messages`, values);

export const getRun = (runId: string) => request<Run>("GET", path`/api/agent-runs/${runId}`);
export const interrupt = (runId: string) =>
  request<unknown>("POST", path`/api/agent-runs/${runId}/interrupt`, {});
export const endSession = (runId: string) => request<Run>("DELETE", path`/api/work-sessions/${runId}`);

/** The address of a run's stream, from after `since` on. */
export const streamUrl = (runId: string, since: string | null) =>
  path`/api/agent-runs/${runId}/messages/stream` + (since ? `?since=${encodeURIComponent(since)}` : "");
