import { path, request, requestText } from "./client";
import type {
  Attachment,
  Agent,
  AgentNetwork,
  AgentPage,
  Changes,
  Doctor,
  LogLevel,
  LogPage,
  LoginCode,
  Me,
  Memory,
  Message,
  Mode,
  NewsKind,
  Permission,
  PermissionMode,
  PermissionRule,
  Personality,
  PostedMessage,
  Project,
  PushSubscribed,
  ProjectPage,
  Run,
  RunPage,
  RunTotals,
  SearchPage,
  StartedSession,
  Thread,
  ThreadPage,
  UnreadPage,
  Token,
  User,
  UserRole,
  Variable,
  Webhook,
  WorkSession,
} from "./types";

// One function for each call that the page makes.

export const login = (code: string) => request<{ user: Me }>("POST", "/api/login", { code });
export const logout = () => request<unknown>("POST", "/api/logout", {});
export const getMe = () => request<Me>("GET", "/api/me");
export const getDoctor = () => request<Doctor>("GET", "/api/doctor");

export const listUsers = () => request<{ items: User[] }>("GET", "/api/users?limit=1000");
export const addUser = (values: { name: string; role: UserRole }) =>
  request<User>("POST", "/api/users", values);
export type UserValues = { name?: string; role?: UserRole; active?: boolean };
export const changeUser = (id: string, values: UserValues) =>
  request<User>("PATCH", path`/api/users/${id}`, values);
/** A link that signs the person in, once. */
export const inviteUser = (id: string) => request<LoginCode>("POST", path`/api/users/${id}/invite`, {});

/** The caller's own. */
export const listTokens = () => request<{ items: Token[] }>("GET", "/api/tokens");
export const addToken = (values: { name: string; expiresAt?: string }) =>
  request<{ token: Token; secret: string }>("POST", "/api/tokens", values);
export const revokeToken = (id: string) => request<undefined>("DELETE", path`/api/tokens/${id}`);

export const listMembers = (projectId: string) =>
  request<{ items: User[] }>("GET", path`/api/projects/${projectId}/members`);
export const addMember = (projectId: string, userId: string) =>
  request<User>("POST", path`/api/projects/${projectId}/members`, { userId });
export const removeMember = (projectId: string, userId: string) =>
  request<undefined>("DELETE", path`/api/projects/${projectId}/members/${userId}`);

export const listProjects = () => request<ProjectPage>("GET", "/api/projects?limit=1000");
export const getProject = (id: string) => request<Project>("GET", path`/api/projects/${id}`);
export const createProject = (values: { repoUrl: string; name?: string; id?: string }) =>
  request<Project>("POST", "/api/projects", values);
export type ProjectValues = {
  name?: string;
  repoUrl?: string;
  defaultBranch?: string | null;
  archived?: boolean;
  gitToken?: string | null;
  agentNetwork?: AgentNetwork | null;
  trustRepository?: boolean;
};
export const changeProject = (id: string, values: ProjectValues) =>
  request<Project>("PATCH", path`/api/projects/${id}`, values);

export const listVariables = (projectId: string) =>
  request<{ items: Variable[] }>("GET", path`/api/projects/${projectId}/variables`);
export const setVariable = (projectId: string, name: string, value: string) =>
  request<Variable>("PUT", path`/api/projects/${projectId}/variables/${name}`, { value });
export const deleteVariable = (projectId: string, name: string) =>
  request<undefined>("DELETE", path`/api/projects/${projectId}/variables/${name}`);

/** What agents may always do in a project without asking. */
export const listPermissionRules = (projectId: string) =>
  request<{ items: PermissionRule[] }>("GET", path`/api/projects/${projectId}/permission-rules`);
export const deletePermissionRule = (projectId: string, ruleId: string) =>
  request<undefined>("DELETE", path`/api/projects/${projectId}/permission-rules/${ruleId}`);

export const listAgents = () => request<AgentPage>("GET", "/api/agents");
export const changeAgent = (agentName: string, values: { model: string | null }) =>
  request<Agent>("PATCH", path`/api/agents/${agentName}`, values);

/** Who an agent is, in words; in every project. */
export const getPersonality = (agentName: string) =>
  request<Personality>("GET", path`/api/agents/${agentName}/personality`);
export const changePersonality = (agentName: string, content: string) =>
  request<Personality>("PUT", path`/api/agents/${agentName}/personality`, { content });
export const resetPersonality = (agentName: string) =>
  request<Personality>("DELETE", path`/api/agents/${agentName}/personality`);

/** What an agent remembers of a project. */
export const listMemories = (agentName: string, projectId: string) =>
  request<{ items: Memory[] }>("GET", path`/api/agents/${agentName}/memories?projectId=${projectId}`);
export const addMemory = (agentName: string, projectId: string, content: string) =>
  request<Memory>("POST", path`/api/agents/${agentName}/memories`, { projectId, content });
export const deleteMemory = (agentName: string, memoryId: string) =>
  request<undefined>("DELETE", path`/api/agents/${agentName}/memories/${memoryId}`);

const agentRunPage = 20;

/** An agent's runs in a project, from the newest or from where a page before ended. */
export const listAgentRuns = (agentName: string, projectId: string, cursor: string | null) =>
  request<RunPage>(
    "GET",
    path`/api/agents/${agentName}/runs?projectId=${projectId}` +
      `&limit=${String(agentRunPage)}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
  );
/** What an agent's runs come to, in a project or in all of them. */
export const getAgentTotals = (agentName: string, projectId?: string) =>
  request<RunTotals>(
    "GET",
    path`/api/agents/${agentName}/stats` + (projectId ? path`?projectId=${projectId}` : ""),
  );

export const listThreads = (projectId: string, includeArchived: boolean) =>
  request<ThreadPage>(
    "GET",
    path`/api/projects/${projectId}/threads` + `?limit=1000&includeArchived=${String(includeArchived)}`,
  );
export type NewThreadValues = {
  projectId: string;
  mode: Mode;
  permissionMode?: PermissionMode;
  model?: string | null;
};
export const createThread = (agentName: string, values: NewThreadValues) =>
  request<Thread>("POST", path`/api/agents/${agentName}/threads`, values);
export type ThreadValues = {
  title?: string;
  status?: Thread["status"];
  mode?: Mode;
  permissionMode?: PermissionMode;
  model?: string | null;
};
export const changeThread = (agentName: string, threadId: string, values: ThreadValues) =>
  request<Thread>("PATCH", path`/api/agents/${agentName}/threads/${threadId}`, values);

/** Later than every message: a page that ends at the newest one. */
const endOfTime = "9999-12-31T23:59:59.999999Z";

export const historyPageSize = 200;

/** The last page of a thread's messages before a timestamp, ascending. */
export const listMessages = (threadId: string, before: string = endOfTime, limit: number = historyPageSize) =>
  request<Message[]>(
    "GET",
    path`/api/threads/${threadId}/messages` + `?limit=${String(limit)}&before=${encodeURIComponent(before)}`,
  );

/** What in a project's conversations has the words of `q`. */
export const searchConversations = (projectId: string, q: string, cursor: string | null) =>
  request<SearchPage>(
    "GET",
    path`/api/projects/${projectId}/search` +
      `?q=${encodeURIComponent(q)}${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
  );
export type MessageValues = {
  content: string;
  id: string;
  attachments?: string[];
  queued?: true;
  now?: true;
};
export const sendMessage = (threadId: string, values: MessageValues) =>
  request<PostedMessage>("POST", path`/api/threads/${threadId}/messages`, values);

/** How this browser subscribes, and which of the person's are told. */
export const getPush = () =>
  request<{ publicKey: string; subscriptions: PushSubscribed[] }>("GET", "/api/push");
export type PushValues = { endpoint: string; keys: { p256dh: string; auth: string }; kinds: NewsKind[] };
export const addPush = (values: PushValues) =>
  request<PushSubscribed>("POST", "/api/push/subscriptions", values);
export const deletePush = (id: string) => request<undefined>("DELETE", path`/api/push/subscriptions/${id}`);

/** Where a project's news is sent to. */
export const getWebhook = (projectId: string) =>
  request<{ webhook: Webhook | null }>("GET", path`/api/projects/${projectId}/webhook`);
export type WebhookValues = { url: string; kinds: NewsKind[]; newSecret?: boolean };
export const setWebhook = (projectId: string, values: WebhookValues) =>
  request<{ webhook: Webhook; secret: string | null }>(
    "PUT",
    path`/api/projects/${projectId}/webhook`,
    values,
  );
export const deleteWebhook = (projectId: string) =>
  request<undefined>("DELETE", path`/api/projects/${projectId}/webhook`);
export const testWebhook = (projectId: string) =>
  request<{ webhook: Webhook | null }>("POST", path`/api/projects/${projectId}/webhook/test`, {});

const uploadMs = 120_000;

/** Stores a file that is to be sent with a message. */
export const addAttachment = (projectId: string, file: Blob, name: string) =>
  request<Attachment>(
    "POST",
    path`/api/projects/${projectId}/attachments` + `?name=${encodeURIComponent(name)}`,
    file,
    uploadMs,
  );
export const readTextFile = (id: string) => requestText(attachmentUrl(id));
/** Where its bytes are. */
export const attachmentUrl = (id: string) => path`/api/attachments/${id}`;

/** Changes a message that the agent has not taken yet. */
export type WaitingValues = { content?: string; position?: number; queued?: boolean; now?: true };
export const changeMessage = (runId: string, messageId: string, values: WaitingValues) =>
  request<Message>("PATCH", path`/api/agent-runs/${runId}/messages/${messageId}`, values);
export const withdrawMessage = (runId: string, messageId: string) =>
  request<Message>("DELETE", path`/api/agent-runs/${runId}/messages/${messageId}`);

/** All that a run ever asked, with the answers. */
export const listPermissions = (runId: string) =>
  request<{ items: Permission[] }>(
    "GET",
    path`/api/agent-runs/${runId}/permissions` + "?includeAnswered=true",
  );
export type PermissionAnswer = {
  behavior: "allow" | "deny";
  scope?: NonNullable<Permission["scope"]>;
  message?: string;
  answers?: Record<string, string>;
};
export const answerPermission = (runId: string, requestId: string, answer: PermissionAnswer) =>
  request<Permission>("POST", path`/api/agent-runs/${runId}/permissions/${requestId}`, answer);

export const getThread = (threadId: string) => request<Thread>("GET", path`/api/threads/${threadId}`);
/** The newest runs of a project. */
export const listRuns = (projectId: string) =>
  request<RunPage>("GET", path`/api/projects/${projectId}/runs` + "?limit=50");
export const getRun = (runId: string) => request<Run>("GET", path`/api/agent-runs/${runId}`);
export const deleteThread = (threadId: string) =>
  request<undefined>("DELETE", path`/api/threads/${threadId}`);
export const listUnread = (projectId: string) =>
  request<UnreadPage>("GET", "/api/unread?" + new URLSearchParams({ projectId }).toString());
export const markRead = (threadId: string, timestamp: string) =>
  request<undefined>("POST", "/api/unread", { threadId, timestamp });
export type LogQuery = {
  limit?: number;
  cursor?: string;
  since?: string;
  /** All of them when it is empty. */
  agents: readonly string[];
  level: LogLevel;
  q: string;
};
/** A page of a project's log: the newest lines or those before `cursor`; with `since` those after it. */
export function listLogLines(projectId: string, { limit = 200, cursor, since, ...wanted }: LogQuery) {
  const query = new URLSearchParams({ limit: String(limit), level: wanted.level });
  if (cursor !== undefined) query.set("cursor", cursor);
  if (since !== undefined) query.set("since", since);
  if (wanted.agents.length > 0) query.set("agents", wanted.agents.join());
  if (wanted.q !== "") query.set("q", wanted.q);
  return request<LogPage>("GET", path`/api/projects/${projectId}/logs` + `?${query.toString()}`);
}
/** Starts a session in a thread, with what earlier ones left unread. */
export const resumeThread = (
  agentName: string,
  { projectId, threadId }: Pick<Thread, "projectId" | "threadId">,
) => request<StartedSession>("POST", path`/api/agents/${agentName}/work-sessions`, { projectId, threadId });
export const interrupt = (runId: string) =>
  request<unknown>("POST", path`/api/agent-runs/${runId}/interrupt`, {});
export const getWorkSession = (runId: string) =>
  request<WorkSession>("GET", path`/api/work-sessions/${runId}`);
export const getChanges = (runId: string) => request<Changes>("GET", path`/api/work-sessions/${runId}/diff`);
/** Where the changes can be had as one patch. */
export const patchUrl = (runId: string) => path`/api/work-sessions/${runId}/diff` + "?format=patch";
/** Where a conversation can be had as a file. */
export const exportUrl = (threadId: string, format: "markdown" | "json") =>
  path`/api/threads/${threadId}/export` + `?format=${format}`;
export const endSession = (runId: string) => request<Run>("DELETE", path`/api/work-sessions/${runId}`);
