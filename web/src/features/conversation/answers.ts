import type { PermissionAnswer } from "../../api/calls";
import { answerPermission } from "../../api/calls";
import { asProblem } from "../../api/client";
import type { Permission } from "../../api/types";
import type { Chat } from "../../stream/chat";

/** Answers a request; gives what went wrong, in words, or null. */
export type Answer = (request: Permission, answer: PermissionAnswer) => Promise<string | null>;

/** Answers for a chat. Whoever answered first, in this browser or another, it ends here with that answer. */
export function answersOf(chat: Chat): Answer {
  return async (request, answer) => {
    try {
      const permission = await answerPermission(request.runId, request.requestId, answer);
      chat.learn({ ...permission, type: "permission-resolved" });
      return null;
    } catch (error) {
      const problem = asProblem(error);
      const settled = problem.fields.permission as Permission | undefined;
      if (problem.code !== "already_answered" || !settled) return problem.message;
      chat.learn({ ...settled, type: "permission-resolved" });
      return null;
    }
  };
}
