import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import * as calls from "../../api/calls";
import type { Message, Thread, UnreadPage } from "../../api/types";

/** At most one mark in this time: an agent that says much is read as it comes. */
const markMs = 500;

/** Up to where each thread was told to be read, by this page. */
const told = new Map<string, string>();

/** Tells the server up to where an open thread is read, while the page is shown. */
export function useMarkRead({ projectId, threadId }: Thread, messages: readonly Message[]): void {
  const client = useQueryClient();
  const newest = messages.findLast(({ sender }) => sender === "agent")?.timestamp;
  useEffect(() => {
    if (newest === undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const mark = () => {
      timer = undefined;
      if (document.visibilityState !== "visible" || newest <= (told.get(threadId) ?? "")) return;
      client.setQueryData<UnreadPage>(
        ["unread", projectId],
        (page) => page && { ...page, items: page.items.filter((item) => item.threadId !== threadId) },
      );
      // What cannot be told now is told with the next message, or when the page is shown again.
      calls.markRead(threadId, newest).then(
        () => told.set(threadId, newest),
        () => undefined,
      );
    };
    const soon = () => {
      timer ??= setTimeout(mark, markMs);
    };
    soon();
    document.addEventListener("visibilitychange", soon);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", soon);
    };
  }, [client, projectId, threadId, newest]);
}
