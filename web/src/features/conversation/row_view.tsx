import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay, useWriter } from "../../api/may";
import { queries } from "../../api/queries";
import type { Thread } from "../../api/types";
import type { Conversation } from "../../stream/conversation";
import type { Answer } from "./answers";
import { AgentRow, AgentText, DayRow, ErrorRow, PersonRow, StatusRow, Typing } from "./message_rows";
import { AskedNote } from "./permission/asked_note";
import { PermissionCard } from "./permission/permission_card";
import type { Row } from "./rows";
import { SetupCard } from "./setup_card";
import type { Teammate } from "../../api/team";
import { ToolLines } from "./tool_lines";

/** One row of the conversation, whatever it is. */
export function RowView({
  row,
  agent,
  thread,
  preparing,
  conversation,
  onRetry,
  onDiscard,
  onTakeBack,
  onAnswer,
}: {
  row: Row;
  agent: Teammate;
  thread: Thread;
  preparing: boolean;
  conversation: Conversation;
  onRetry: (id: string) => void;
  onDiscard: (id: string) => void;
  onTakeBack: (id: string) => void;
  onAnswer: Answer;
}): ReactNode {
  const { write } = useMay();
  const writer = useWriter();
  switch (row.kind) {
    case "day":
      return <DayRow at={row.at} />;
    case "setup":
      return <SetupCard run={row.run} live={conversation.setupOutput} />;
    case "status":
      return <StatusRow content={row.content} at={row.at} />;
    case "error":
      return <ErrorRow content={row.content} at={row.at} />;
    case "person":
      return (
        <PersonRow
          content={row.content}
          attachments={row.attachments}
          author={writer(row.author)}
          at={row.at}
          receipt={row.receipt}
          agent={agent.displayName}
          preparing={preparing}
          failure={<FailureWords row={row} projectId={thread.projectId} />}
          onRetry={() => {
            onRetry(row.id);
          }}
          onDiscard={() => {
            onDiscard(row.id);
          }}
          onTakeBack={() => {
            onTakeBack(row.id);
          }}
        />
      );
    case "text":
      return (
        <AgentRow name={agent.displayName} role={row.role ?? agent.role} at={row.at} first={row.first}>
          <AgentText content={row.content} writing={row.writing} />
        </AgentRow>
      );
    case "tools":
      return (
        <AgentRow name={agent.displayName} role={row.role ?? agent.role} at={row.at} first={row.first}>
          <ToolLines tools={row.tools} consents={conversation.consents} />
        </AgentRow>
      );
    case "permission":
      return (
        <AgentRow name={agent.displayName} role={row.role ?? agent.role} at={null} first={row.first}>
          {write ? (
            <PermissionCard name={agent.displayName} requests={row.requests} onAnswer={onAnswer} />
          ) : (
            <AskedNote name={agent.displayName} requests={row.requests} />
          )}
        </AgentRow>
      );
    case "typing":
      return (
        <AgentRow name={agent.displayName} role={row.role ?? agent.role} at={null} first={row.first}>
          <Typing name={agent.displayName} />
        </AgentRow>
      );
  }
}

/** Why a message was not sent; who has the project's session is named, with the way there. */
function FailureWords({ row, projectId }: { row: Extract<Row, { kind: "person" }>; projectId: string }) {
  const failure = row.outgoing?.failure;
  const elsewhere = failure?.code === "session_elsewhere";
  const project = useQuery({ ...queries.project(projectId), enabled: elsewhere });
  if (!failure) return null;
  if (!elsewhere) return failure.message;
  const threadId = failure.threadId ?? project.data?.activeRun?.threadId;
  return (
    <>
      This project’s work session belongs to another conversation.
      {threadId && (
        <>
          {" "}
          <Link
            to="/projects/$projectId/threads/$threadId"
            params={{ projectId, threadId }}
            className="underline underline-offset-2"
          >
            Open it
          </Link>
        </>
      )}
    </>
  );
}
