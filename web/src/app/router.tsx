import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  lazyRouteComponent,
  useMatchRoute,
} from "@tanstack/react-router";
import { use } from "react";
import { ProjectsPage } from "../features/projects";
import { PaletteContext } from "./palette_context";
import { Shell } from "./shell";

// The addresses: each names a state that can be reloaded or shared.

// Each is a route's component itself, not inside one: only so does the router fetch it before it draws.
const conversation = () => import("../features/conversation");
const Project = lazyRouteComponent(conversation, "ProjectPage");
const Conversation = lazyRouteComponent(conversation, "ConversationPage");
const NewThread = lazyRouteComponent(conversation, "NewThread");

const Settings = lazyRouteComponent(() => import("../features/settings"), "ProjectSettingsPage");

const root = createRootRoute({ component: Root, notFoundComponent: NotFound });

function Root() {
  const match = useMatchRoute();
  const inThread = match({ to: "/projects/$projectId/threads/$threadId" }) !== false;
  const composing =
    match({ to: "/projects/$projectId", search: { compose: true }, includeSearch: true } as never) !== false;
  return <Shell inConversation={inThread || composing} />;
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

const project = createRoute({ getParentRoute: () => root, path: "/projects/$projectId", component: Project });

const settings = createRoute({
  getParentRoute: () => root,
  path: "/projects/$projectId/settings",
  component: Settings,
});

const newThread = createRoute({
  getParentRoute: () => project,
  path: "/",
  validateSearch: (search): { compose?: true } => (search.compose === true ? { compose: true } : {}),
  component: NewThread,
});

const thread = createRoute({
  getParentRoute: () => project,
  path: "threads/$threadId",
  validateSearch: (search): { changes?: "unified" | "split" } =>
    search.changes === "unified" || search.changes === "split" ? { changes: search.changes } : {},
  component: Conversation,
});

export const router = createRouter({
  routeTree: root.addChildren([projects, settings, project.addChildren([newThread, thread])]),
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
