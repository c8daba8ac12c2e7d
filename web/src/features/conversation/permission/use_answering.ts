import { useEffect, useState } from "react";
import type { PermissionAnswer } from "../../../api/calls";
import type { Permission } from "../../../api/types";
import type { Answer } from "../answers";

/** A second press meant for the request before must not answer the one that took its place. */
const settleMs = 400;
let answeredAt = -Infinity;

/** The answering of one request: once at a time, not too soon, and what kept an answer from arriving. */
export function useAnswering(request: Permission, onAnswer: Answer) {
  const [settled, setSettled] = useState(() => performance.now() - answeredAt > 2 * settleMs);
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (settled) return;
    const timer = setTimeout(() => {
      setSettled(true);
    }, settleMs);
    return () => {
      clearTimeout(timer);
    };
  }, [settled]);
  const off = sending || !settled;
  const answer = (values: PermissionAnswer) => {
    if (off) return;
    answeredAt = performance.now();
    setSending(true);
    setProblem(null);
    void onAnswer(request, values).then((failure) => {
      setSending(false);
      setProblem(failure);
    });
  };
  return { off, problem, answer };
}
