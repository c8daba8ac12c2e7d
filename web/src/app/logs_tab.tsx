import { useParams } from "@tanstack/react-router";
import { LogViewer } from "../features/logs";
import { useOpenChat } from "../features/project";

/** A project's log; a name in it opens that agent's chat beside it. */
export function LogsTab() {
  const { projectId = "" } = useParams({ strict: false });
  const chat = useOpenChat();
  return <LogViewer key={projectId} projectId={projectId} onChat={chat.open} />;
}
