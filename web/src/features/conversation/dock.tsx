import { useRef, useState } from "react";
import type { Thread } from "../../api/types";
import type { Conversation } from "../../stream/conversation";
import { useKeys } from "../../ui/keys";
import { Composer, type ComposerHandle } from "./composer";
import { Ended } from "./ended";
import { waitingMessages } from "./rows";
import type { Teammate } from "./team";
import { WaitingTray } from "./tray";

/** The foot of a conversation: the composer with what waits on its shoulder, or the way to start again. */
export function Dock({
  thread,
  agent,
  conversation,
  ended,
  stopping,
  onStop,
  onSend,
}: {
  thread: Thread;
  agent: Teammate;
  conversation: Conversation;
  ended: boolean;
  stopping: boolean;
  onStop: () => void;
  onSend: (text: string) => void;
}) {
  const input = useRef<ComposerHandle>(null);
  const runId = conversation.run?.id ?? "none";
  const [restarted, setRestarted] = useState<string | null>(null);
  const closed = ended && restarted !== runId;
  const busy = conversation.run?.busy ?? false;
  const start = () => {
    setRestarted(runId);
    requestAnimationFrame(() => input.current?.focus());
  };
  useKeys([
    {
      keys: ["I"],
      does: "Write",
      group: "Conversation",
      run: () => {
        if (closed) start();
        else input.current?.focus();
      },
    },
    ...(busy
      ? [{ keys: ["Ctrl", "."], does: "Stop the turn", group: "Conversation" as const, run: onStop }]
      : []),
  ]);
  return (
    <div
      className={`is-${agent.role} relative z-3 px-4 pb-4 max-desk:px-2 max-desk:pb-[calc(8px+env(safe-area-inset-bottom))]`}
    >
      <div className="mx-auto max-w-[732px]">
        {closed ? (
          <Ended
            agent={agent.displayName}
            endedAt={conversation.messages.at(-1)?.timestamp ?? null}
            onStart={start}
          />
        ) : (
          <Composer
            place={thread.threadId}
            agent={agent.displayName}
            placeholder={ended ? `Message ${agent.displayName}: a new session goes on from here…` : undefined}
            ref={input}
            busy={busy}
            stopping={stopping}
            onSend={onSend}
            onStop={onStop}
            tray={<WaitingTray waiting={waitingMessages(conversation)} agent={agent.displayName} />}
          />
        )}
      </div>
    </div>
  );
}
