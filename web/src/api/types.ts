// The values that the server speaks of, in its own words.

export type Role = "architect" | "coder" | "reviewer" | "tester";
export type RunStatus = "started" | "thinking" | "coding" | "reviewing" | "testing" | "completed" | "failed";
export type Attention = "permission" | "question" | "error";

export type ToolStatus = "running" | "done" | "error";
export type ToolUse = {
  toolUseId: string;
  tool: string;
  input: unknown;
  status: ToolStatus;
  summary?: string;
  result?: unknown;
  startedAt?: string;
  endedAt?: string;
};

export type SetupState = "running" | "done" | "warning" | "failed";
export type Setup = { step: string; state: SetupState; detail?: string; elapsedMs?: number; output?: string };

export type Message = {
  id: string;
  runId: string;
  projectId: string;
  threadId?: string | null;
  featureId?: string | null;
  sender: "user" | "agent";
  role: Role | null;
  type: "message" | "status" | "error";
  content: string;
  /** RFC 3339 with six fractional digits, so that text order is time order. Unique and increasing in a run. */
  timestamp: string;
  /** When the agent received a person's message. */
  deliveredAt?: string | null;
  toolUses?: ToolUse[];
  setup?: Setup;
};

export type Mode = "chat" | "work";
export type Thread = {
  threadId: string;
  agentName: string;
  projectId: string;
  title: string;
  mode: Mode;
  status: "active" | "archived";
  /** The run that is active now; null when nobody works on this thread. */
  runId?: string | null;
  busy: boolean;
  attention?: Attention | null;
  createdAt: string;
  lastMessageAt: string | null;
  messageCount: number;
  lastMessage: { sender: "user" | "agent"; type: Message["type"]; content: string } | null;
};

export type Run = {
  id: string;
  agentName: string;
  role: Role;
  projectId: string;
  threadId?: string | null;
  status: RunStatus;
  busy: boolean;
  attention?: Attention | null;
  startedAt: string;
  completedAt?: string | null;
  outputSummary?: string | null;
  errorMessage?: string | null;
};

export type Project = {
  id: string;
  name: string;
  repoUrl: string | null;
  defaultBranch: string | null;
  createdAt: string;
  archivedAt: string | null;
  lastActivityAt: string | null;
  activeRun: {
    id: string;
    agentName: string;
    threadId: string | null;
    status: RunStatus;
    busy: boolean;
    attention?: Attention | null;
  } | null;
};

export type Agent = { name: string; role: Role; displayName: string; run: Run | null };

export type Check = {
  id: string;
  state: "ok" | "warning" | "missing";
  title: string;
  detail: string;
  command?: string;
};
export type Doctor = { version: string; practice: boolean; practiceReason?: string; checks: Check[] };

export type Me = { id: string; name: string; role: "administrator" | "developer" | "viewer" };

export type List<T> = { items: T[]; next: string | null };

export function isEnded(status: RunStatus): boolean {
  return status === "completed" || status === "failed";
}
