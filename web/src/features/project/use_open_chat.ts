import { useNavigate, useSearch } from "@tanstack/react-router";

/** The chat that stands beside the project's pages, by its thread: it is in the address, so that a reload keeps it. */
export function useOpenChat() {
  const { chat } = useSearch({ strict: false });
  const navigate = useNavigate();
  const show = (threadId: string | undefined) =>
    void navigate({
      to: ".",
      search: (before: Record<string, unknown>) => ({ ...before, chat: threadId }),
      replace: chat !== undefined && threadId !== undefined,
    } as never);
  return {
    threadId: chat ?? null,
    open: (threadId: string) => {
      show(threadId);
    },
    close: () => {
      show(undefined);
    },
  };
}
