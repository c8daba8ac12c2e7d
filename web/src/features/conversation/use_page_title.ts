import { useEffect, useRef } from "react";
import type { Message } from "../../api/types";

/** The page's title: the thread's, whether it needs a person, and while the page is hidden how much has come. */
export function usePageTitle(title: string, messages: readonly Message[], needsYou: boolean): void {
  const seenAt = useRef<string | null>(null);
  useEffect(() => {
    const show = () => {
      const newest = messages.at(-1)?.timestamp ?? null;
      if (document.visibilityState === "visible") seenAt.current = newest;
      const seen = seenAt.current ?? newest ?? "";
      const fresh = messages.filter(
        ({ timestamp, sender, type, content }) =>
          timestamp > seen && sender === "agent" && type !== "status" && content !== "",
      );
      const failed = fresh.some((message) => message.type === "error");
      const mark = needsYou
        ? "Needs you · "
        : fresh.length === 0
          ? ""
          : failed
            ? "(!) "
            : `(${String(fresh.length)}) `;
      document.title = `${mark}${title} · Omakase`;
    };
    show();
    document.addEventListener("visibilitychange", show);
    return () => {
      document.removeEventListener("visibilitychange", show);
    };
  }, [title, messages, needsYou]);
}
