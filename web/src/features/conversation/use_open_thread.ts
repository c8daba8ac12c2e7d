import { useMemo, useState } from "react";
import { isEnded, type Thread } from "../../api/types";
import type { Chat, ChatSnapshot } from "../../stream/chat";
import { useKeys } from "../../ui/keys";
import { answersOf } from "./answers";
import type { WorkState } from "./conversation_head";
import { Disclosures } from "./disclosure";
import { setupState, storedRows, withLive, type Row } from "./rows";
import { useAgent } from "../../api/team";
import { useMarkRead } from "./use_mark_read";
import { useSessionSettings } from "./use_session_settings";
import { useTurn } from "./use_turn";

export type OpenThread = ReturnType<typeof useOpenThread>;

/** Everything that a view of an open thread shows and does, whether it is a page or a panel. */
export function useOpenThread(thread: Thread, snapshot: ChatSnapshot, chat: Chat) {
  const agent = useAgent(thread.agentName);
  const { conversation, history } = snapshot;
  const { run, permissions } = conversation;
  const rows = useRows(snapshot);
  useMarkRead(thread, conversation.messages);
  const preparing = rows.some(
    (row) => row.kind === "setup" && row.run.runId === run?.id && setupState(row.run) === "running",
  );
  const [disclosures] = useState(() => new Disclosures());
  const [answer] = useState(() => answersOf(chat));
  const turn = useTurn(thread, conversation);
  const settings = useSessionSettings(thread, conversation);
  const ended =
    history === "ready" && conversation.messages.length > 0 && (!run || isEnded(run.status)) && !thread.busy;
  const asking = permissions.length > 0 || (!ended && run !== null && run.attention !== null);
  useKeys([
    {
      keys: ["O"],
      does: "Open the turn's tool lines",
      group: "Reading",
      run: () => {
        toggleTools(rows, disclosures);
      },
    },
  ]);
  const shownRun =
    run ??
    (ended
      ? ({ id: "", status: "completed", busy: false, attention: null, external: false } as const)
      : null);
  const work: WorkState = {
    run: shownRun,
    preparing,
    asking,
    stopping: turn.stopping,
    since: turn.since,
  };
  return {
    thread,
    snapshot,
    chat,
    agent,
    rows,
    preparing,
    disclosures,
    answer,
    turn,
    settings,
    ended,
    asking,
    work,
  };
}

/** The rows that stand: those of what is stored, drawn anew only when that changes, and what is live. */
function useRows({ conversation }: ChatSnapshot): Row[] {
  const { run } = conversation;
  const writing = conversation.previews.length > 0;
  const stored = useMemo(
    () => storedRows(conversation),
    // The previews change with every word and have no part in the stored rows, but for whether there are any.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [conversation.messages, conversation.undelivered, conversation.permissions, run, writing],
  );
  return withLive(stored, conversation, new Date().toISOString());
}

function toggleTools(rows: Row[], disclosures: Disclosures): void {
  const turn = rows.slice(rows.findLastIndex((row) => row.kind === "person") + 1);
  const ids = turn.flatMap((row) => (row.kind === "tools" ? row.tools.map((tool) => tool.toolUseId) : []));
  const allOpen = ids.every((id) => disclosures.get(id));
  disclosures.set(ids, !allOpen);
}
