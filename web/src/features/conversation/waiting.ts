import type { Attachment, Message } from "../../api/types";
import { isEnded } from "../../api/types";
import type { Conversation } from "../../stream/conversation";

// What waits for the agent: the tray above the composer, in the order in which it will be taken. Pure.

export type Waiting = {
  id: string;
  content: string;
  attachments: readonly Attachment[];
  /** On its way to the server; stored, for the agent's next step; stored, held back until the turn is over. */
  state: "sending" | "stored" | "held";
};

export function isPerson(message: Message): boolean {
  return message.sender === "user" && message.type === "message" && !message.withdrawnAt;
}
export function isAgentText(message: Message): boolean {
  return message.sender === "agent" && message.type === "message";
}

/** The active run's messages that wait, once its agent has begun: before that the first one stands in the thread. */
export function trayOf(conversation: Conversation): readonly string[] {
  const { run, messages, previews, undelivered } = conversation;
  if (!run || isEnded(run.status)) return [];
  const begun =
    previews.length > 0 ||
    messages.some(
      (message) =>
        message.runId === run.id &&
        (isAgentText(message) || (isPerson(message) && !undelivered.includes(message.id))),
    );
  return begun ? undelivered : [];
}

/** What a person wrote and no agent has read, in a thread whose session has ended. */
export function unreadMessages({ messages, run }: Conversation): readonly Message[] {
  if (run && !isEnded(run.status)) return [];
  return messages.filter((message) => isPerson(message) && !message.deliveredAt);
}

/** What stands in the tray. */
export function waitingMessages(conversation: Conversation): Waiting[] {
  const tray = trayOf(conversation);
  const byId = new Map(conversation.messages.map((message) => [message.id, message]));
  const stored = tray.flatMap((id): Waiting[] => {
    const message = byId.get(id);
    return message
      ? [
          {
            id,
            content: message.content,
            attachments: message.attachments ?? [],
            state: message.queued ? "held" : "stored",
          },
        ]
      : [];
  });
  if (!conversation.run?.busy && stored.length === 0) return [];
  const sending = conversation.outbox
    .filter((outgoing) => !outgoing.failure)
    .map(({ id, content, attachments }): Waiting => ({ id, content, attachments, state: "sending" }));
  return [...stored, ...sending];
}
