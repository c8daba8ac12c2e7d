import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useMatchRoute, useNavigate, useParams } from "@tanstack/react-router";
import {
  Bell,
  Keyboard,
  LayoutGrid,
  LogOut,
  MessagesSquare,
  Moon,
  Search,
  Settings,
  Sun,
} from "lucide-react";
import { lazy, Suspense, useEffect, useState, type ReactNode } from "react";
import { logout } from "../api/calls";
import { queries } from "../api/queries";
import { handleKey, useKeys } from "../ui/keys";
import { goToStop, wishForStop } from "../ui/needs_you";
import { Enso } from "../ui/mascots";
import { Menu, MenuItem, MenuNote } from "../ui/menu";
import { Avatar, roleName } from "../ui/people";
import { showToast, Toasts } from "../ui/toast";
import { nextAttention } from "./next_attention";
import { PaletteContext } from "./palette_context";
import { pushed, stopPush } from "./push";
import { isLight, toggleTheme } from "./theme";
import { useNews } from "./use_news";

const Palette = lazy(() => import("./palette"));
const NewsDialog = lazy(() => import("./news_dialog"));
const KeySheet = lazy(() => import("./key_sheet"));

const railItem =
  "grid size-[38px] place-items-center rounded-md text-oma-subtle transition-colors duration-150 hover:bg-oma-hover hover:text-oma-text aria-[current]:bg-oma-select aria-[current]:text-oma-text";
const barItem =
  "grid justify-items-center gap-[3px] rounded-lg pt-[7px] pb-1 text-tiny font-medium text-oma-subtle aria-[current=page]:text-oma-text";

/** The last conversation that was open, for the way back to it. */
function lastPlace(): string | null {
  return localStorage.getItem("omakase.last-conversation");
}

function Person({ onNews }: { onNews: () => void }) {
  const { data: me } = useQuery(queries.me());
  const client = useQueryClient();
  const navigate = useNavigate();
  if (!me) return null;
  return (
    <Menu
      trigger={
        <button type="button" aria-label={`Signed in as ${me.name}`} title={me.name} className={railItem}>
          <Avatar name={me.name} />
        </button>
      }
    >
      <MenuNote>
        {me.name}, {roleName(me.role).toLowerCase()}
      </MenuNote>
      <MenuItem icon={<Settings size={16} />} onSelect={() => void navigate({ to: "/settings" })}>
        Settings
      </MenuItem>
      <MenuItem icon={<Bell size={16} />} onSelect={onNews}>
        Notifications…
      </MenuItem>
      <MenuItem
        icon={<LogOut size={16} />}
        onSelect={() => {
          // Who is out is told nothing more.
          const quiet = pushed() ? stopPush().catch(() => undefined) : Promise.resolve();
          void quiet.then(logout).finally(() => client.resetQueries());
        }}
      >
        Sign out
      </MenuItem>
    </Menu>
  );
}

function ConversationsLink({ className, children }: { className: string; children: ReactNode }) {
  const { projectId } = useParams({ strict: false });
  const place = lastPlace();
  const { data } = useQuery(queries.projects());
  const needed = data?.items.some((project) => project.attention !== null && !project.archivedAt) ?? false;
  const here = useMatchRoute()({ to: "/projects/$projectId/threads", fuzzy: true }) !== false;
  if (!projectId && !place) return null;
  return (
    <Link
      to={here ? "." : projectId ? `/projects/${projectId}/threads` : (place ?? "/")}
      aria-label="Conversations"
      aria-current={here ? "page" : undefined}
      title="Conversations"
      className={`relative ${className}`}
    >
      {children}
      {needed && (
        <span className="absolute top-1 right-1 size-[9px] rounded-full bg-oma-needs shadow-[0_0_0_2px_var(--oma-bg-deep)] max-desk:right-[calc(50%-14px)]">
          <span className="sr-only">Something needs you</span>
        </span>
      )}
    </Link>
  );
}

/** To what needs the person next: on this page, else in another conversation. */
function useNextStop(): () => void {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { threadId } = useParams({ strict: false });
  return () => {
    if (goToStop()) return;
    void nextAttention(client, threadId).then(
      (thread) => {
        if (!thread) {
          showToast(threadId ? "Nothing else needs you" : "Nothing needs you");
          return;
        }
        wishForStop();
        void navigate({
          to: "/projects/$projectId/threads/$threadId",
          params: { projectId: thread.projectId, threadId: thread.threadId },
        });
      },
      () => {
        showToast("The server cannot be reached.");
      },
    );
  };
}

function Rail({
  inRoom,
  light,
  onTheme,
  onSearch,
  onKeys,
  onNews,
}: {
  inRoom: boolean;
  light: boolean;
  onTheme: () => void;
  onSearch: () => void;
  onKeys: () => void;
  onNews: () => void;
}) {
  return (
    <nav aria-label="Main" className="flex flex-col items-center gap-1.5 pt-3.5 pb-3 max-desk:hidden">
      <Link
        to="/"
        aria-label="Omakase"
        className="mb-3.5 grid size-9 place-items-center rounded-md text-oma-primary [:root.light_&]:text-oma-action"
      >
        <Enso size={30} />
      </Link>
      <Link
        to="/"
        activeOptions={{ exact: true }}
        aria-label="Projects"
        aria-current={inRoom ? "true" : undefined}
        title="Projects"
        className={railItem}
      >
        <LayoutGrid size={18} strokeWidth={1.75} aria-hidden="true" />
      </Link>
      <ConversationsLink className={railItem}>
        <MessagesSquare size={18} strokeWidth={1.75} aria-hidden="true" />
      </ConversationsLink>
      <span className="flex-1" />
      <button
        type="button"
        aria-label="Search and commands"
        title="Search and commands"
        className={railItem}
        onClick={onSearch}
      >
        <Search size={18} strokeWidth={1.75} aria-hidden="true" />
      </button>
      <button
        type="button"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts"
        className={railItem}
        onClick={onKeys}
      >
        <Keyboard size={18} strokeWidth={1.75} aria-hidden="true" />
      </button>
      <button
        type="button"
        aria-label={light ? "Dark theme" : "Light theme"}
        title={light ? "Dark theme" : "Light theme"}
        className={railItem}
        onClick={onTheme}
      >
        {light ? (
          <Moon size={18} strokeWidth={1.75} aria-hidden="true" />
        ) : (
          <Sun size={18} strokeWidth={1.75} aria-hidden="true" />
        )}
      </button>
      <Link to="/settings" aria-label="Settings" title="Settings" className={railItem}>
        <Settings size={18} strokeWidth={1.75} aria-hidden="true" />
      </Link>
      <Person onNews={onNews} />
    </nav>
  );
}

/** The phone's sections; none inside a conversation, where the thumb's place belongs to the composer. */
function BottomBar({
  light,
  onTheme,
  onSearch,
}: {
  light: boolean;
  onTheme: () => void;
  onSearch: () => void;
}) {
  return (
    <nav
      aria-label="Sections"
      className="veil fixed inset-x-0 bottom-0 z-10 hidden auto-cols-fr grid-flow-col border-t border-oma-line px-2 pt-1.5 pb-[calc(8px+env(safe-area-inset-bottom))] max-desk:grid"
    >
      <Link to="/" activeOptions={{ exact: true }} className={barItem}>
        <LayoutGrid size={20} strokeWidth={1.75} aria-hidden="true" />
        Projects
      </Link>
      <ConversationsLink className={barItem}>
        <MessagesSquare size={20} strokeWidth={1.75} aria-hidden="true" />
        Chats
      </ConversationsLink>
      <button type="button" className={barItem} onClick={onSearch}>
        <Search size={20} strokeWidth={1.75} aria-hidden="true" />
        Search
      </button>
      <button type="button" className={barItem} onClick={onTheme}>
        {light ? (
          <Moon size={20} strokeWidth={1.75} aria-hidden="true" />
        ) : (
          <Sun size={20} strokeWidth={1.75} aria-hidden="true" />
        )}
        {light ? "Dark" : "Light"}
      </button>
      <Link to="/settings" className={barItem}>
        <Settings size={20} strokeWidth={1.75} aria-hidden="true" />
        Settings
      </Link>
    </nav>
  );
}

/** The frame around every page. A conversation and a project’s room have their own foot on the phone. */
export function Shell({ inConversation, inRoom }: { inConversation: boolean; inRoom: boolean }) {
  const [open, setOpen] = useState<"palette" | "keys" | "news" | null>(null);
  const [light, setLight] = useState(isLight);
  const navigate = useNavigate();
  const nextStop = useNextStop();
  useNews();
  const switchTheme = () => {
    setLight(toggleTheme());
  };
  const close = () => {
    setOpen(null);
  };
  const search = () => {
    setOpen("palette");
  };
  const showKeys = () => {
    setOpen("keys");
  };
  const showNews = () => {
    setOpen("news");
  };
  useEffect(() => {
    window.addEventListener("keydown", handleKey);
    return () => {
      window.removeEventListener("keydown", handleKey);
    };
  }, []);
  useKeys([
    { keys: ["Ctrl", "K"], does: "Commands", group: "Anywhere", run: search },
    { keys: ["?"], does: "This sheet", group: "Anywhere", run: showKeys },
    { keys: ["N"], does: "Next thing that needs you", group: "Anywhere", run: nextStop },
    { keys: ["G", "P"], does: "Projects", group: "Anywhere", run: () => void navigate({ to: "/" }) },
    { keys: ["Shift", "T"], does: "Light or dark", group: "Anywhere", run: switchTheme },
  ]);
  return (
    <PaletteContext value={search}>
      <div className="grid h-dvh grid-cols-[60px_minmax(0,1fr)] overflow-clip max-desk:block">
        <Rail
          inRoom={inRoom}
          light={light}
          onTheme={switchTheme}
          onSearch={search}
          onKeys={showKeys}
          onNews={showNews}
        />
        <Outlet />
      </div>
      {!inConversation && !inRoom && <BottomBar light={light} onTheme={switchTheme} onSearch={search} />}
      <Suspense>
        {open === "palette" && (
          <Palette onClose={close} onTheme={switchTheme} onKeys={showKeys} onNews={showNews} />
        )}
        {open === "keys" && <KeySheet onClose={close} />}
        {open === "news" && <NewsDialog onClose={close} />}
      </Suspense>
      <Toasts />
    </PaletteContext>
  );
}
