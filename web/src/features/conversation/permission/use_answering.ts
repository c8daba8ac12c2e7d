import { useState } from "react";
import type { PermissionAnswer } from "../../../api/calls";
import type { Permission } from "../../../api/types";
import type { Answer } from "../answers";

/** A second press meant for the request before must not answer the one that took its place. */
const settleMs = 350;

/** The answering of one request: once at a time, and what kept an answer from arriving. */
export function useAnswering(request: Permission, onAnswer: Answer) {
  const [shownAt] = useState(() => performance.now());
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const answer = (values: PermissionAnswer) => {
    if (sending || performance.now() - shownAt < settleMs) return;
    setSending(true);
    setProblem(null);
    void onAnswer(request, values).then((failure) => {
      setSending(false);
      setProblem(failure);
    });
  };
  return { sending, problem, answer };
}
