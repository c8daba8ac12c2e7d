import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  lazyRouteComponent,
  useMatchRoute,
} from "@tanstack/react-router";
import { use } from "react";
import { readLogSearch } from "../features/logs/filters";
import { ProjectsPage } from "../features/projects";
import { PaletteContext } from "./palette_context";
import { Shell } from "./shell";

// The addresses: each names a state that can be reloaded or shared.

// Each is a route's component itself, not inside one: only so does the router fetch it before it draws.
const conversation = () => import("../features/conversation");
const Threads = lazyRouteComponent(conversation, "ThreadsPage");
const Conversation = lazyRouteComponent(conversation, "ConversationPage");
const NewThread = lazyRouteComponent(conversation, "NewThread");

const Room = lazyRouteComponent(() => import("./room"), "Room");
const room = () => import("../features/project");
const Agents = lazyRouteComponent(room, "MissionControl");
const Agent = lazyRouteComponent(room, "AgentPage");
const Features = lazyRouteComponent(room, "FeaturesTab");
const Logs = lazyRouteComponent(() => import("./logs_tab"), "LogsTab");
const Workloads = lazyRouteComponent(room, "WorkloadsTab");
const Costs = lazyRouteComponent(room, "CostsTab");
const ServerSettings = lazyRouteComponent(() => import("../features/people"), "SettingsPage");
const Settings = lazyRouteComponent(() => import("../features/settings"), "SettingsTab");

const root = createRootRoute({ component: Root, notFoundComponent: NotFound });

function Root() {
  const match = useMatchRoute();
  const inThread = match({ to: "/projects/$projectId/threads/$threadId" }) !== false;
  const composing =
    match({
      to: "/projects/$projectId/threads",
      search: { compose: true },
      includeSearch: true,
    } as never) !== false;
  const inRoom =
    match({ to: "/projects/$projectId", fuzzy: true }) !== false &&
    match({ to: "/projects/$projectId/threads", fuzzy: true }) === false;
  return <Shell inConversation={inThread || composing} inRoom={inRoom} />;
}

function NotFound() {
  return (
    <main className="grid h-dvh place-content-center justify-items-center gap-3 p-6 text-center">
      <h1 className="font-serif text-h2">There is nothing here</h1>
      <Link to="/" className="text-oma-muted underline underline-offset-3">
        All projects
      </Link>
    </main>
  );
}

const projects = createRoute({ getParentRoute: () => root, path: "/", component: Projects });

function Projects() {
  return <ProjectsPage onSearch={use(PaletteContext)} />;
}

const serverSettings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: ServerSettings,
});

const project = createRoute({
  getParentRoute: () => root,
  path: "/projects/$projectId",
  validateSearch: (search): { chat?: string } =>
    typeof search.chat === "string" && search.chat !== "" ? { chat: search.chat } : {},
  component: Room,
});

const tabs = [
  createRoute({ getParentRoute: () => project, path: "/", component: Agents }),
  createRoute({ getParentRoute: () => project, path: "agents/$agentName", component: Agent }),
  createRoute({ getParentRoute: () => project, path: "features", component: Features }),
  createRoute({
    getParentRoute: () => project,
    path: "logs",
    validateSearch: readLogSearch,
    component: Logs,
  }),
  createRoute({ getParentRoute: () => project, path: "workloads", component: Workloads }),
  createRoute({ getParentRoute: () => project, path: "costs", component: Costs }),
  createRoute({ getParentRoute: () => project, path: "settings", component: Settings }),
] as const;

const threads = createRoute({
  getParentRoute: () => root,
  path: "/projects/$projectId/threads",
  // What is searched for in the conversations; the empty text while nothing is typed yet.
  validateSearch: ({ find }): { find?: string } =>
    typeof find === "string" || typeof find === "number" ? { find: String(find) } : {},
  component: Threads,
});

const newThread = createRoute({
  getParentRoute: () => threads,
  path: "/",
  validateSearch: (search): { compose?: true } => (search.compose === true ? { compose: true } : {}),
  component: NewThread,
});

/** The layout of the changes when they are shown; the message that the reader is led to, and its time. */
type ThreadSearch = { changes?: "unified" | "split"; message?: string; at?: string };

function readThreadSearch({ changes, message, at }: Record<string, unknown>): ThreadSearch {
  return {
    ...(changes === "unified" || changes === "split" ? { changes } : {}),
    ...(typeof message === "string" && typeof at === "string" ? { message, at } : {}),
  };
}

const thread = createRoute({
  getParentRoute: () => threads,
  path: "$threadId",
  validateSearch: readThreadSearch,
  component: Conversation,
});

export const router = createRouter({
  routeTree: root.addChildren([
    projects,
    serverSettings,
    project.addChildren(tabs),
    threads.addChildren([newThread, thread]),
  ]),
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
