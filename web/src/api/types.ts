import type { components } from "./schema";

// The values that the server speaks of, under the names that its description gives them.

type Schemas = components["schemas"];

export type Role = Schemas["Role"];
export type RunStatus = Schemas["RunStatus"];
export type ToolUse = Schemas["ToolUse"];
export type Setup = Schemas["Setup"];
export type SetupState = Setup["state"];
export type Message = Schemas["Message"];
export type PostedMessage = Schemas["PostedMessage"];
export type StartedSession = Schemas["StartedSession"];
export type Thread = Schemas["Thread"];
export type ThreadPage = Schemas["ThreadPage"];
export type Mode = Thread["mode"];
export type Run = Schemas["Run"];
export type RunPage = Schemas["RunPage"];
export type UnreadPage = Schemas["UnreadPage"];
export type RunSummary = Schemas["StreamRunSummary"];
export type Attention = Schemas["Attention"];
export type Permission = Schemas["Permission"];
export type PermissionMode = Schemas["PermissionMode"];
export type PermissionRule = Schemas["PermissionRule"];
export type StreamSession = Schemas["StreamSession"];
export type Silence = Schemas["Silence"];
export type WorkSession = Schemas["WorkSession"];
export type AgentModel = Schemas["AgentModel"];
export type AgentNetwork = Schemas["AgentNetwork"];
export type Changes = Schemas["Changes"];
export type ChangedFile = Schemas["ChangedFile"];
export type Variable = Schemas["Variable"];
export type Project = Schemas["Project"];
export type ProjectPage = Schemas["ProjectPage"];
export type Memory = Schemas["Memory"];
export type Personality = Schemas["Personality"];
export type RunTotals = Schemas["RunTotals"];
export type Agent = Schemas["Agent"];
export type AgentPage = Schemas["AgentPage"];
export type Doctor = Schemas["Doctor"];
export type Check = Doctor["checks"][number];
export type User = Schemas["User"];
export type LogLevel = Schemas["LogLevel"];
export type LogLine = Schemas["LogLine"];
export type LogPage = Schemas["LogPage"];
export type NewsKind = Schemas["NewsKind"];
export type PushSubscribed = Schemas["PushSubscription"];
export type Webhook = Schemas["Webhook"];
export type Author = Schemas["Author"];
export type Attachment = Schemas["Attachment"];
export type SearchHit = Schemas["SearchHit"];
export type SearchPage = Schemas["SearchPage"];
export type StreamLog = Schemas["StreamLog"];
export type UserRole = Schemas["UserRole"];
export type Me = Schemas["Me"];
export type Token = Schemas["Token"];
export type LoginCode = Schemas["LoginCode"];

/** What the stream's events carry beside stored messages. */
export type StreamData = {
  state: Schemas["StreamState"];
  "run-status": Schemas["StreamRunStatus"];
  session: Schemas["StreamSession"];
  "permission-request": Schemas["Permission"];
  "permission-resolved": Schemas["Permission"];
  "message-start": Schemas["StreamMessageStart"];
  "content-delta": Schemas["StreamContentDelta"];
  "tool-use": Schemas["StreamToolUse"];
  "tool-result": Schemas["StreamToolResult"];
  "message-complete": Schemas["StreamMessageComplete"];
  "message-error": Schemas["StreamMessageError"];
  "setup-output": Schemas["StreamSetupOutput"];
  reset: Schemas["StreamNothing"];
  close: Schemas["StreamClose"];
};

/** Whether it goes on by itself: in the middle of a turn, or a program's own run, which knows no turns. */
export const works = (run: { busy: boolean; external: boolean }): boolean => run.busy || run.external;

export function isEnded(status: RunStatus): status is StreamData["close"]["status"] {
  return status === "completed" || status === "failed";
}
