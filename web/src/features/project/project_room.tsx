import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useMatchRoute, useNavigate, useParams } from "@tanstack/react-router";
import {
  Bot,
  ChartColumnStacked,
  ChevronLeft,
  Ellipsis,
  GitBranch,
  Kanban,
  MessagesSquare,
  ScrollText,
  Server,
  Settings,
  type LucideIcon,
} from "lucide-react";
import { asProblem } from "../../api/client";
import { useMay } from "../../api/may";
import { queries } from "../../api/queries";
import { useUnread } from "../../api/unread";
import { buttonClass } from "../../ui/button";
import { topics } from "../../stream/page_topics";
import { useProject } from "../../stream/use_project";
import { ConnectionBanner } from "../../ui/connection_banner";
import { Menu, MenuItem } from "../../ui/menu";
import { Unread } from "../../ui/parts";
import { shortUrl } from "../../ui/words";
import { LiveRuns } from "./live_runs";
import { useOpenChat } from "./use_open_chat";

const tabs = [
  { to: "/projects/$projectId/features", name: "Features", Icon: Kanban },
  { to: "/projects/$projectId", name: "Agents", Icon: Bot },
  { to: "/projects/$projectId/logs", name: "Logs", Icon: ScrollText },
  { to: "/projects/$projectId/workloads", name: "Workloads", Icon: Server },
  { to: "/projects/$projectId/costs", name: "Costs", Icon: ChartColumnStacked },
  { to: "/projects/$projectId/settings", name: "Settings", Icon: Settings },
] as const satisfies readonly { to: string; name: string; Icon: LucideIcon }[];

/** The open chat stays beside every tab; what else a tab keeps in the address is its own. */
const keepChat = ({ chat }: { chat?: string }) => (chat ? { chat } : {});

const tabLink = { search: keepChat, activeOptions: { exact: true, includeSearch: false } } as const;

/** How many of them stand in the phone's bar; the others are behind "More". */
const inBar = 4;

/** An agent's page stands under the tab that it is reached from. */
function useHere() {
  const match = useMatchRoute();
  const inAgents = match({ to: "/projects/$projectId/agents/$agentName" }) !== false;
  return (name: string) => (inAgents && name === "Agents" ? ({ "aria-current": "page" } as const) : {});
}

function Tabs({ projectId }: { projectId: string }) {
  const here = useHere();
  return (
    <nav
      aria-label="Project"
      className="flex gap-1 overflow-x-auto border-b border-oma-line [scrollbar-width:none] max-desk:hidden"
    >
      {tabs.map(({ to, name }) => (
        <Link
          key={name}
          to={to}
          params={{ projectId }}
          {...tabLink}
          {...here(name)}
          className="relative rounded-sm px-3 pt-2.5 pb-3 font-medium text-oma-muted hover:text-oma-text focus-visible:-outline-offset-2 aria-[current=page]:text-oma-text aria-[current=page]:after:absolute aria-[current=page]:after:inset-x-3 aria-[current=page]:after:-bottom-px aria-[current=page]:after:h-0.5 aria-[current=page]:after:rounded-full aria-[current=page]:after:bg-oma-action"
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}

const barItem =
  "grid justify-items-center gap-[3px] rounded-lg pt-[7px] pb-1 text-tiny font-medium text-oma-subtle aria-[current=page]:text-oma-text";

/** The project's sections on the phone. */
function BottomBar({ projectId }: { projectId: string }) {
  const navigate = useNavigate();
  const unread = [...useUnread(projectId).values()].reduce((sum, count) => sum + count, 0);
  const here = useHere();
  return (
    <nav
      aria-label="Project sections"
      className="veil fixed inset-x-0 bottom-0 z-10 hidden auto-cols-fr grid-flow-col border-t border-oma-line px-2 pt-1.5 pb-[calc(8px+env(safe-area-inset-bottom))] max-desk:grid"
    >
      {tabs.slice(0, inBar).map(({ to, name, Icon }) => (
        <Link
          key={name}
          to={to}
          params={{ projectId }}
          {...tabLink}
          {...here(name)}
          className={`relative ${barItem}`}
        >
          <Icon size={20} strokeWidth={1.75} aria-hidden="true" />
          {name}
          {name === "Agents" && unread > 0 && (
            <Unread
              count={unread}
              className="absolute top-0.5 left-[calc(50%+6px)] h-[17px] min-w-[17px] px-[5px]"
            />
          )}
        </Link>
      ))}
      <Menu
        trigger={
          <button type="button" className={barItem}>
            <Ellipsis size={20} strokeWidth={1.75} aria-hidden="true" />
            More
          </button>
        }
      >
        {tabs.slice(inBar).map(({ to, name, Icon }) => (
          <MenuItem
            key={name}
            icon={<Icon size={16} />}
            onSelect={() => void navigate({ to, params: { projectId }, search: keepChat } as never)}
          >
            {name}
          </MenuItem>
        ))}
      </Menu>
    </nav>
  );
}

/** A project's pages under one head: its name, its repository, its tabs. */
export function ProjectRoom() {
  const { projectId = "" } = useParams({ strict: false });
  const { data: project, error } = useQuery(queries.project(projectId));
  const { runs, connection } = useProject(projectId);
  const chat = useOpenChat();
  const { write } = useMay();
  return (
    <main className="h-dvh min-w-0 overflow-y-auto pt-8 pr-10 pb-16 pl-7 has-data-fills:pb-4 max-desk:px-4 max-desk:pt-4 max-desk:pb-26 max-desk:has-data-fills:pb-[calc(74px+env(safe-area-inset-bottom))]">
      {/* A tab that scrolls by itself fills the window. */}
      <div className="@container mx-auto max-w-[1240px] has-data-fills:flex has-data-fills:min-h-full has-data-fills:flex-col">
        <div className="text-small max-desk:hidden">
          <Link to="/" className="text-oma-muted hover:text-oma-text">
            Projects
          </Link>
        </div>
        <header className="mt-0.5 mb-3.5 flex flex-wrap items-center gap-x-3.5 gap-y-2 max-desk:-mx-2 max-desk:-mt-1.5 max-desk:gap-x-1">
          <Link
            to="/"
            aria-label="Projects"
            className="hidden size-11 flex-none place-items-center rounded-lg text-oma-muted max-desk:grid"
          >
            <ChevronLeft size={20} aria-hidden="true" />
          </Link>
          <h1 className="min-w-0 truncate font-serif text-h1 tracking-[-.012em] max-desk:flex-1 max-desk:text-[1.625rem] max-desk:leading-8">
            {project?.name ?? (error ? "Project" : "\u00a0")}
          </h1>
          {project?.repoUrl && (
            <span
              title={project.repoUrl}
              className="mt-2 inline-flex h-[26px] max-w-[360px] min-w-0 items-center gap-1.5 rounded-full border border-oma-line px-2.5 font-mono text-micro text-oma-muted max-desk:hidden"
            >
              <GitBranch size={14} className="flex-none text-oma-subtle" aria-hidden="true" />
              <span className="truncate">{shortUrl(project.repoUrl)}</span>
              {project.defaultBranch && <span className="text-oma-subtle">{project.defaultBranch}</span>}
            </span>
          )}
          <span className="flex-1 max-desk:hidden" />
          <Link
            to="/projects/$projectId/threads"
            params={{ projectId }}
            className={buttonClass()}
            aria-label="Conversations of this project"
          >
            <MessagesSquare size={16} aria-hidden="true" />
            <span className="max-desk:sr-only">Conversations</span>
          </Link>
          {write && (
            <Link
              to="/projects/$projectId/threads"
              params={{ projectId }}
              search={{ compose: true }}
              className={`${buttonClass("solid")} max-desk:hidden`}
            >
              New conversation
            </Link>
          )}
        </header>
        <Tabs projectId={projectId} />
        {/* The chat says so itself, and the pages of a project hang on the same stream. */}
        {chat.threadId === null && (
          <ConnectionBanner
            connection={connection}
            onNow={() => {
              topics.retryNow();
            }}
          />
        )}
        {error && !project ? (
          <div role="alert" className="sheet mt-6 grid justify-items-center gap-2 px-6 py-12 text-center">
            <p className="font-serif text-h3">The project did not load</p>
            <p className="text-oma-muted">{asProblem(error).message}</p>
          </div>
        ) : (
          <LiveRuns value={runs}>
            <Outlet />
          </LiveRuns>
        )}
      </div>
      <BottomBar projectId={projectId} />
    </main>
  );
}
