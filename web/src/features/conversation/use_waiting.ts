import { changeMessage, withdrawMessage, type WaitingValues } from "../../api/calls";
import { asProblem } from "../../api/client";
import { isEnded, type Message } from "../../api/types";
import type { Chat } from "../../stream/chat";
import type { Conversation } from "../../stream/conversation";
import { showToast } from "../../ui/toast";

/** What came of a change of a waiting message: `late` when the agent had it already. */
export type Outcome = { state: "done" } | { state: "late" } | { state: "failed"; words: string };

export type WaitingActions = {
  edit: (id: string, content: string) => Promise<Outcome>;
  move: (id: string, to: number) => void;
  hold: (id: string, held: boolean) => void;
  sendNow: (id: string) => void;
  withdraw: (id: string) => void;
};

/** What a person does with messages that wait. A failure says so and takes no text away. */
export function waitingActions(chat: Chat, conversation: Conversation, name: string): WaitingActions {
  const runId = conversation.run?.id ?? "";
  const order = conversation.undelivered;
  const attempt = async (id: string, call: () => Promise<Message>): Promise<Outcome> => {
    try {
      chat.learn({ type: "message-updated", message: await call() });
      return { state: "done" };
    } catch (error) {
      const problem = asProblem(error);
      const delivered = problem.fields.message as Message | undefined;
      if (problem.code === "already_delivered" && delivered) {
        chat.learn({ type: "message-updated", message: delivered });
        return { state: "late" };
      }
      // Taken back elsewhere: it waits no longer.
      if (problem.code === "withdrawn") chat.order(order.filter((other) => other !== id));
      return { state: "failed", words: problem.message };
    }
  };
  const change = (id: string, values: WaitingValues) => attempt(id, () => changeMessage(runId, id, values));
  const told = (outcome: Outcome): Outcome => {
    if (outcome.state === "late") showToast(`Too late: ${name} has it. It stands in the conversation.`);
    if (outcome.state === "failed") showToast(outcome.words);
    return outcome;
  };
  return {
    edit: (id, content) => change(id, { content }),
    move: (id, to) => {
      if (to < 0 || to >= order.length) return;
      chat.order(order.filter((other) => other !== id).toSpliced(to, 0, id));
      void change(id, { position: to }).then((outcome) => {
        if (told(outcome).state === "failed") chat.order(order);
      });
    },
    hold: (id, held) => {
      void change(id, { queued: held }).then(told);
    },
    sendNow: (id) => {
      void change(id, { now: true }).then(told);
    },
    withdraw: (id) => {
      const message = conversation.messages.find((candidate) => candidate.id === id);
      const over = conversation.run === null || isEnded(conversation.run.status);
      void attempt(id, () => withdrawMessage(message?.runId ?? runId, id)).then((outcome) => {
        if (told(outcome).state !== "done" || !message) return;
        const sendAgain = () => {
          chat.send(message.content, message.queued ? "hold" : "next", message.attachments);
        };
        // After the session's end, to send it again would start another session.
        showToast("Withdrawn: the agent never sees it", over ? undefined : sendAgain);
      });
    },
  };
}
