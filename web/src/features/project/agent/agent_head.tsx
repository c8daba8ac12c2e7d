import type { ReactNode } from "react";
import { MessageSquare } from "lucide-react";
import { Button } from "../../../ui/button";
import { Mascot } from "../../../ui/mascots";
import { RoleBadge } from "../../../ui/parts";
import { Lasting } from "../../../ui/time";
import { AgentState } from "../agent_state";
import type { Card } from "../cards";
import { duties, kanji } from "../roles";
import { useOpenChat } from "../use_open_chat";

/** Who it is and how it is now, above its numbers. */
export function AgentHead({ card, children }: { card: Card; children: ReactNode }) {
  const { agent, run, thread } = card;
  const chat = useOpenChat();
  const opens = run && thread && chat.threadId !== thread.threadId;
  return (
    <section
      aria-labelledby="agent"
      className={`is-${agent.role} relative overflow-hidden rounded-xl border border-oma-line px-6 py-5 max-desk:px-4 ${run ? "agent-card" : "sheet"}`}
    >
      <span
        aria-hidden="true"
        className={`pointer-events-none absolute -top-1 ${opens ? "right-44 max-desk:hidden" : "right-5"} font-jp text-[104px] max-desk:text-[72px] leading-[1.2] text-[color-mix(in_srgb,var(--accent)_9%,transparent)] select-none`}
      >
        {kanji[agent.role]}
      </span>
      <div className="relative flex flex-wrap items-center gap-x-4 gap-y-3.5">
        <Mascot role={agent.role} size={64} asleep={!run} />
        <div className="min-w-0 flex-1">
          <div className="flex items-center gap-2.5">
            <h2 id="agent" className="font-serif text-h2 tracking-[-.008em]">
              {agent.displayName}
            </h2>
            <RoleBadge role={agent.role} />
          </div>
          <p className="mt-0.5 flex h-[22px] items-center gap-2 text-small">
            <AgentState run={run} />
            {run?.startedAt && (
              <span className="text-oma-subtle">
                <Lasting since={run.startedAt} />
              </span>
            )}
            {run && thread && (
              <span className="min-w-0 truncate text-oma-muted">{thread.title || "New thread"}</span>
            )}
          </p>
        </div>
        {opens && (
          <Button
            onClick={() => {
              chat.open(thread.threadId);
            }}
          >
            <MessageSquare size={16} aria-hidden="true" />
            Open the chat
          </Button>
        )}
      </div>
      <p className="relative mt-3.5 max-w-[600px] text-body text-oma-muted">{duties[agent.role]}</p>
      {children}
    </section>
  );
}
