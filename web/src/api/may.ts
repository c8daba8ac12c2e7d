import { useQuery } from "@tanstack/react-query";
import { queries } from "./queries";
import type { Author } from "./types";

// What the person may do. The server decides; the page offers only what it would not refuse.

export type May = {
  /** Change what is in a project. Until the server has said who it is, as most may. */
  write: boolean;
  /** Change what the whole server has in common, or what has to be vouched for. */
  administer: boolean;
};

export function useMay(): May {
  const { data: me } = useQuery(queries.me());
  return { write: me?.role !== "viewer", administer: me?.role === "admin" };
}

/** How the server and its machine stand; nothing for whom it does not concern. */
export function useDoctor() {
  const { administer } = useMay();
  return useQuery({ ...queries.doctor(), enabled: administer });
}

/** How a message's writer is called: "You", or by name. What nobody knows the writer of is from when there was one person. */
export function useWriter(): (author: Author | null) => string {
  const { data: me } = useQuery(queries.me());
  return (author) => (author === null || author.id === me?.id ? "You" : author.name);
}
