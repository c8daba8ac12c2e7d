import { useSearch } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import type { Mode } from "../../api/types";
import type { Chat, ChatSnapshot } from "../../stream/chat";
import { Empty, NotLoaded, Skeletons } from "./conversation_states";
import { MessageList } from "./message_list";
import type { Row } from "./rows";
import type { Teammate } from "../../api/team";

/** The conversation itself, or what stands in its place. */
export function Rows({
  snapshot,
  chat,
  agent,
  mode,
  rows,
  render,
}: {
  snapshot: ChatSnapshot;
  chat: Chat;
  agent: Teammate;
  mode: Mode;
  rows: Row[];
  render: (row: Row) => ReactNode;
}) {
  const { message: sought = null, at } = useSearch({ strict: false });
  const ready = snapshot.history === "ready";
  useEffect(() => {
    if (ready && at !== undefined) void chat.loadBackTo(at);
  }, [chat, ready, at]);
  if (snapshot.history === "failed" && snapshot.problem) {
    return <NotLoaded problem={snapshot.problem} onRetry={() => void chat.loadNewest()} />;
  }
  if (snapshot.history === "loading") return <Skeletons />;
  if (rows.length === 0) return <Empty agent={agent} mode={mode} />;
  return (
    <MessageList
      key={sought}
      sought={sought}
      threadId={chat.threadId}
      rows={rows}
      hasEarlier={snapshot.hasEarlier}
      onEarlier={() => void chat.loadEarlier()}
      render={render}
    />
  );
}
