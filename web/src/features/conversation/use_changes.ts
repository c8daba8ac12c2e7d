import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { queries } from "../../api/queries";
import type { Message } from "../../api/types";
import type { Conversation } from "../../stream/conversation";
import { useKeys } from "../../ui/keys";
import type { Layout } from "./changes/diff_rows";
import { kindOf } from "./tools";

/** Several tools may end at once: one look is enough for them. */
const settleMs = 400;

/** How many tools have ended that may have changed a file. */
function writes(messages: readonly Message[]): number {
  let count = 0;
  for (const { toolUses } of messages) {
    for (const { tool, status } of toolUses ?? []) {
      if (status !== "running" && ["edit", "write", "run"].includes(kindOf(tool))) count++;
    }
  }
  return count;
}

/** The workspace's changes: asked for anew when a turn ends, and while they are looked at after every tool. */
export function useChanges({ messages, run }: Conversation, preparing: boolean) {
  const client = useQueryClient();
  const runId = run?.id ?? messages.at(-1)?.runId ?? null;
  const panel = useChangesPanel(runId !== null);
  // There is no workspace to look at before the run has begun.
  const begun = !preparing && run?.status !== "started";
  const query = useQuery({ ...queries.changes(runId ?? ""), enabled: runId !== null && begun });
  const busy = run?.busy ?? false;
  const count = useMemo(() => writes(messages), [messages]);
  const stamp = `${String(busy)} ${panel.open ? String(count) : ""}`;
  useEffect(() => {
    if (runId === null) return;
    const timer = setTimeout(() => {
      void client.invalidateQueries({ queryKey: ["changes", runId] });
    }, settleMs);
    return () => {
      clearTimeout(timer);
    };
  }, [client, runId, stamp]);
  return {
    ...panel,
    runId,
    changes: query.data ?? null,
    /** There is no workspace yet. */
    early: !begun,
    problem: query.error,
    retry: () => void query.refetch(),
  };
}

/** Whether the changes are shown, and how: the address says so. */
function useChangesPanel(available: boolean) {
  const { changes: layout } = useSearch({ strict: false });
  const navigate = useNavigate();
  const show = (next: Layout | undefined) =>
    void navigate({
      to: ".",
      search: ({ changes, ...others }) => (next ? { ...others, changes: next } : others),
      // The way back leads out of the changes, not through every look at them.
      replace: layout !== undefined,
    });
  // Shown because of a press, and not because the address said so from the start.
  const [opened, setOpened] = useState(false);
  const toggle = () => {
    if (!available) return;
    setOpened(true);
    show(layout ? undefined : "unified");
  };
  useKeys([{ keys: ["Shift", "G"], does: "Changes", group: "Reading", run: toggle }]);
  return {
    open: available && layout !== undefined,
    opened,
    layout: layout ?? ("unified" as const),
    toggle,
    setLayout: show,
  };
}
