import { Link } from "@tanstack/react-router";
import { CircleAlert, MessageCircleQuestionMark, MessageSquare, ShieldQuestionMark } from "lucide-react";
import type { ReactNode } from "react";
import { useWriter } from "../../api/may";
import { Mascot } from "../../ui/mascots";
import { RoleBadge, Unread } from "../../ui/parts";
import { oneLine } from "../../ui/plain_text";
import { Lasting, RelativeTime } from "../../ui/time";
import { dollars } from "../../ui/words";
import { AgentState } from "./agent_state";
import type { Card } from "./cards";
import { kanji } from "./roles";

const asks = {
  permission: { words: "Asks permission", Icon: ShieldQuestionMark },
  question: { words: "Has a question", Icon: MessageCircleQuestionMark },
  error: { words: "Ran into an error", Icon: CircleAlert },
};

function Stat({ name, children, className = "" }: { name: string; children: ReactNode; className?: string }) {
  return (
    <span className={`flex min-w-0 flex-col gap-px ${className}`}>
      <span className="text-micro text-oma-subtle">{name}</span>
      <span className="truncate text-small leading-[18px]">{children}</span>
    </span>
  );
}

/** The newest words of its conversation, or what it asks. */
function LastLine({ card }: { card: Card }) {
  const writer = useWriter();
  const asked = card.run?.attention ? asks[card.run.attention] : null;
  const last = card.thread?.lastMessage;
  const text = last ? oneLine(last.content) : "";
  const Icon = asked?.Icon ?? MessageSquare;
  const words = asked
    ? [asked.words, last?.type === "message" && last.sender === "agent" ? text : ""]
        .filter((part) => part !== "")
        .join(": ")
    : last?.sender === "user"
      ? `${writer(last.author)}: ${text}`
      : text;
  return (
    <span className="flex h-8 items-center gap-2 rounded-[9px] border border-oma-line bg-oma-well px-2.5 font-mono text-micro leading-[18px] tracking-[-.01em] text-oma-muted">
      <Icon size={14} className="flex-none text-oma-subtle" aria-hidden="true" />
      <span className="min-w-0 truncate">{words || "Nothing said yet"}</span>
    </span>
  );
}

function Awake({ card, run }: { card: Card; run: NonNullable<Card["run"]> }) {
  return (
    <>
      <span className="block truncate text-body leading-[22px] font-medium">
        {card.thread ? card.thread.title || "New thread" : "A program’s run"}
      </span>
      <LastLine card={card} />
      <span className="mt-auto flex gap-[22px]">
        <Stat name="Queue">
          <span className="font-mono font-medium">{run.waiting}</span>
        </Stat>
        <Stat name="Next" className="flex-1">
          {run.waiting === 0
            ? "Nothing waiting"
            : run.waiting === 1
              ? "A person’s message"
              : "People’s messages"}
        </Stat>
        <Stat name="This run" className="text-right">
          <span className="font-mono font-medium">{dollars(run.costUsd)}</span>
        </Stat>
      </span>
    </>
  );
}

function Asleep({ card: { last, agent } }: { card: Card }) {
  return (
    <span className="block min-h-[22px] text-oma-muted">
      {last ? (
        <>
          {last.status === "failed" ? "Failed at " : "Ended "}
          {last.title ? `“${last.title}”` : "its run"}, <RelativeTime at={last.endedAt} />
        </>
      ) : (
        `${agent.displayName} has done nothing here yet`
      )}
    </span>
  );
}

/** One of the team: pressing it opens its chat while it has a run, its name its page; flat and quiet while it sleeps. */
export function AgentCard({
  card,
  projectId,
  open,
  unread,
  onOpen,
}: {
  card: Card;
  projectId: string;
  /** Its chat is the one that is open. */
  open: boolean;
  unread: number;
  onOpen: (threadId: string) => void;
}) {
  const { agent, run, thread } = card;
  const opens = run && thread;
  const edge = !opens
    ? "border-oma-line"
    : open
      ? "border-oma-control"
      : "border-oma-line hover:border-[color-mix(in_srgb,var(--accent)_45%,transparent)]";
  return (
    <article
      aria-label={agent.displayName}
      className={`is-${agent.role} relative flex min-w-0 flex-col gap-3.5 overflow-hidden rounded-xl border p-[18px] transition-colors duration-150 max-desk:gap-[11px] max-desk:p-3.5 ${run ? "agent-card" : "bg-oma-glass-sm"} ${edge}`}
    >
      <span
        aria-hidden="true"
        className="pointer-events-none absolute top-1 right-4 font-jp text-[72px] leading-[1.2] text-[color-mix(in_srgb,var(--accent)_9%,transparent)] select-none"
      >
        {kanji[agent.role]}
      </span>
      <span className="relative flex items-center gap-3.5">
        <Mascot role={agent.role} size={64} asleep={!run} />
        <span className="min-w-0">
          <span className="flex items-center gap-2">
            <Link
              to="/projects/$projectId/agents/$agentName"
              params={{ projectId, agentName: agent.name }}
              search={true}
              title={`${agent.displayName}’s page`}
              className="relative z-1 font-serif text-[1.5rem] leading-7 underline-offset-4 hover:underline max-desk:py-2"
            >
              {agent.displayName}
            </Link>
            <RoleBadge role={agent.role} />
          </span>
          <span className="mt-1 flex h-[22px] items-center gap-2 text-small text-oma-text">
            <AgentState run={run} />
            {run?.startedAt && (
              <span className="text-oma-subtle">
                <Lasting since={run.startedAt} />
              </span>
            )}
          </span>
        </span>
        {unread > 0 && (
          <Unread
            count={unread}
            className="absolute -top-1.5 left-[51px] shadow-[0_0_0_3px_var(--oma-bg-elevated)]"
          />
        )}
      </span>
      {run ? <Awake card={card} run={run} /> : <Asleep card={card} />}
      {opens && (
        // Over the whole card but under its name: a link has no place inside a button.
        <button
          type="button"
          aria-label={`Open the chat with ${agent.displayName}`}
          aria-pressed={open}
          onClick={() => {
            onOpen(thread.threadId);
          }}
          className="absolute inset-0 rounded-xl focus-visible:-outline-offset-3"
        />
      )}
    </article>
  );
}
