import { useEffect, useRef, useState } from "react";
import type { Message, Permission } from "../../api/types";
import { oneLine } from "../../ui/plain_text";
import { askSubject, askTitle } from "./asks";

const spokenLength = 300;

/** Says whole messages to screen readers as they arrive; the list itself would say every word twice. */
export function Announcer({
  messages,
  asking,
  name,
  ready,
}: {
  messages: readonly Message[];
  /** What the agent asks now; the newest is said at once. */
  asking: readonly Permission[];
  name: string;
  ready: boolean;
}) {
  const [said, setSaid] = useState({ polite: "", urgent: "" });
  const last = useRef<string | null>(null);
  useEffect(() => {
    const newest = messages.at(-1);
    if (!ready || !newest) return;
    const before = last.current;
    last.current = newest.timestamp;
    if (
      before === null ||
      newest.timestamp <= before ||
      newest.sender === "user" ||
      newest.setup ||
      newest.content === ""
    )
      return;
    const text = oneLine(newest.content).slice(0, spokenLength);
    setSaid(
      newest.type === "error" ? { polite: "", urgent: text } : { polite: `${name}: ${text}`, urgent: "" },
    );
  }, [messages, name, ready]);
  const newest = asking.at(-1);
  const asked = newest
    ? `${askTitle(name, newest)}: ${oneLine(askSubject(newest)).slice(0, spokenLength)}`
    : "";
  return (
    <div className="sr-only">
      <div aria-live="polite">{said.polite}</div>
      <div aria-live="assertive">{said.urgent}</div>
      <div aria-live="assertive">{asked}</div>
    </div>
  );
}
