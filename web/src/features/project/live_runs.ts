import { createContext } from "react";
import type { RunSummary } from "../../api/types";

/** The project's active runs, as the stream tells them to its room; null until it has. */
export const LiveRuns = createContext<readonly RunSummary[] | null>(null);
