import { Link } from "@tanstack/react-router";
import { Archive } from "lucide-react";
import { useWriter } from "../../api/may";
import { useAgent } from "../../api/team";
import type { SearchHit } from "../../api/types";
import { Found } from "../../ui/found";
import { Mascot } from "../../ui/mascots";
import { oneLine } from "../../ui/plain_text";
import { RelativeTime } from "../../ui/time";

/** What was found in one conversation; each line leads to where it was said. */
export function SearchedThread({
  projectId,
  q,
  hits,
  words,
}: {
  projectId: string;
  q: string;
  hits: SearchHit[];
  words: readonly string[];
}) {
  const [first] = hits;
  const agent = useAgent(first?.agentName ?? "");
  const writer = useWriter();
  if (!first) return null;
  const { threadId, status } = first;
  const title = first.title || "New thread";
  return (
    <section aria-label={title} className={`is-${agent.role} flex flex-col gap-0.5 pb-2.5`}>
      <h3>
        <Link
          to="/projects/$projectId/threads/$threadId"
          params={{ projectId, threadId }}
          search={{ find: q }}
          className="flex min-h-9 items-center gap-2.5 rounded-lg px-2.5 hover:bg-oma-hover max-desk:min-h-11"
        >
          <Mascot role={agent.role} size={22} asleep />
          <span className="min-w-0 flex-1 truncate font-medium">
            <Found text={title} words={first.message ? [] : words} />
          </span>
          {status === "archived" && (
            <Archive size={14} className="flex-none text-oma-subtle" aria-label="Archived" />
          )}
        </Link>
      </h3>
      {hits.map(
        ({ message }) =>
          message && (
            <Link
              key={message.id}
              to="/projects/$projectId/threads/$threadId"
              params={{ projectId, threadId }}
              search={{ find: q, message: message.id, at: message.timestamp }}
              activeOptions={{ includeSearch: true }}
              className="grid gap-0.5 rounded-lg py-2 pr-2.5 pl-[42px] hover:bg-oma-hover aria-[current=page]:bg-oma-select aria-[current=page]:shadow-[inset_0_0_0_1px_var(--oma-glass-border)]"
            >
              <span className="flex justify-between gap-2 text-micro text-oma-subtle">
                <span>
                  {message.type === "error"
                    ? "Error"
                    : message.sender === "user"
                      ? writer(message.author)
                      : agent.displayName}
                </span>
                <RelativeTime at={message.timestamp} />
              </span>
              <span className="line-clamp-3 text-small wrap-anywhere text-oma-muted">
                <Found text={oneLine(message.excerpt)} words={words} />
              </span>
            </Link>
          ),
      )}
    </section>
  );
}
