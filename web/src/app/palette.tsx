import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Bell, Keyboard, LayoutGrid, Search, Settings, SquarePen, SunMoon } from "lucide-react";
import * as Radix from "@radix-ui/react-dialog";
import { useId, useState, type ReactNode } from "react";
import { useMay } from "../api/may";
import { queries } from "../api/queries";
import { Mascot } from "../ui/mascots";

type Item = { id: string; group: string; name: string; note: string; icon: ReactNode; run: () => void };

function useItems(onTheme: () => void, onKeys: () => void, onNews: () => void): Item[] {
  const { projectId } = useParams({ strict: false });
  const navigate = useNavigate();
  const { write } = useMay();
  const projects = useQuery(queries.projects()).data?.items ?? [];
  const threads =
    useQuery({ ...queries.threads(projectId ?? "", true), enabled: projectId !== undefined }).data?.items ??
    [];
  const agents = useQuery(queries.agents()).data?.items ?? [];
  const roleOf = (name: string) => agents.find((agent) => agent.name === name)?.role ?? "coder";
  const icon = { size: 18, className: "text-oma-subtle" };
  return [
    ...threads.map((thread) => ({
      id: thread.threadId,
      group: "Conversations",
      name: thread.title || "New thread",
      note: projects.find((project) => project.id === thread.projectId)?.name ?? "",
      icon: <Mascot role={roleOf(thread.agentName)} size={24} asleep={!thread.runId} />,
      run: () =>
        void navigate({
          to: "/projects/$projectId/threads/$threadId",
          params: { projectId: thread.projectId, threadId: thread.threadId },
        }),
    })),
    ...projects.map((project) => ({
      id: project.id,
      group: "Projects",
      name: project.name,
      note: project.repoUrl ?? "",
      icon: <LayoutGrid {...icon} />,
      run: () => void navigate({ to: "/projects/$projectId", params: { projectId: project.id } }),
    })),
    ...(projectId
      ? agents.map((agent) => ({
          id: agent.name,
          group: "Agents",
          name: agent.displayName,
          note: agent.role,
          icon: <Mascot role={agent.role} size={24} asleep={!agent.run} />,
          run: () =>
            void navigate({
              to: "/projects/$projectId/agents/$agentName",
              params: { projectId, agentName: agent.name },
            }),
        }))
      : []),
    ...(projectId && write
      ? [
          {
            id: "new",
            group: "Do",
            name: "New thread",
            note: "",
            icon: <SquarePen {...icon} />,
            run: () =>
              void navigate({
                to: "/projects/$projectId/threads",
                params: { projectId },
                search: { compose: true },
              }),
          },
        ]
      : []),
    ...(projectId
      ? [
          {
            id: "settings",
            group: "Do",
            name: "Project settings",
            note: projects.find((project) => project.id === projectId)?.name ?? "",
            icon: <Settings {...icon} />,
            run: () => void navigate({ to: "/projects/$projectId/settings", params: { projectId } }),
          },
        ]
      : []),
    {
      id: "people",
      group: "Do",
      name: "Settings",
      note: "People, tokens and the server",
      icon: <Settings {...icon} />,
      run: () => void navigate({ to: "/settings" }),
    },
    {
      id: "projects",
      group: "Do",
      name: "All projects",
      note: "",
      icon: <LayoutGrid {...icon} />,
      run: () => void navigate({ to: "/" }),
    },
    { id: "theme", group: "Do", name: "Light or dark", note: "", icon: <SunMoon {...icon} />, run: onTheme },
    {
      id: "news",
      group: "Do",
      name: "Notifications",
      note: "",
      icon: <Bell {...icon} />,
      run: onNews,
    },
    {
      id: "keys",
      group: "Do",
      name: "Keyboard shortcuts",
      note: "",
      icon: <Keyboard {...icon} />,
      run: onKeys,
    },
  ];
}

/** What is said is looked for where it was said. */
function useSearchItem(text: string): Item[] {
  const { projectId } = useParams({ strict: false });
  const navigate = useNavigate();
  const find = text.trim();
  if (projectId === undefined || find === "") return [];
  return [
    {
      id: "search",
      group: "Search",
      name: `“${find}”`,
      note: "in the conversations",
      icon: <Search size={18} className="text-oma-subtle" />,
      run: () =>
        void navigate({ to: "/projects/$projectId/threads", params: { projectId }, search: { find } }),
    },
  ];
}

const shown = 30;

/** Everything by name: conversations, projects, and what can be done. */
export default function Palette({
  onClose,
  onTheme,
  onKeys,
  onNews,
}: {
  onClose: () => void;
  onTheme: () => void;
  onKeys: () => void;
  onNews: () => void;
}) {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const words = text.toLowerCase().split(/\s+/);
  const items = useItems(onTheme, onKeys, onNews)
    .filter((item) => words.every((word) => `${item.name} ${item.note}`.toLowerCase().includes(word)))
    .slice(0, shown)
    .concat(useSearchItem(text));
  const current = Math.min(chosen, items.length - 1);
  const run = (item: Item | undefined) => {
    if (!item) return;
    onClose();
    item.run();
  };
  return (
    <Radix.Root open onOpenChange={onClose}>
      <Radix.Portal>
        <div className="fixed inset-0 z-30 bg-oma-scrim" />
        <Radix.Content
          aria-describedby={undefined}
          className="raised fixed top-[14vh] left-1/2 z-31 w-[640px] max-w-[calc(100vw-32px)] -translate-x-1/2 animate-rise overflow-hidden rounded-2xl max-desk:top-[60px]"
        >
          <Radix.Title className="sr-only">Commands</Radix.Title>
          <div className="flex items-center gap-3 border-b border-oma-line px-5 py-4 text-oma-subtle">
            <Search size={20} aria-hidden="true" />
            <input
              aria-label="Search or command"
              role="combobox"
              aria-expanded="true"
              aria-controls={listId}
              aria-activedescendant={items[current] ? `${listId}-${items[current].id}` : undefined}
              placeholder="Search or jump to"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setChosen(0);
              }}
              onKeyDown={(event) => {
                if (event.key === "ArrowDown") setChosen(Math.min(current + 1, items.length - 1));
                else if (event.key === "ArrowUp") setChosen(Math.max(current - 1, 0));
                else if (event.key === "Enter") run(items[current]);
                else return;
                event.preventDefault();
              }}
              className="min-w-0 flex-1 bg-transparent text-[1.0625rem] text-oma-text outline-none"
            />
            <kbd>Esc</kbd>
          </div>
          <ul
            id={listId}
            role="listbox"
            aria-label="Results"
            className="max-h-[50vh] overflow-y-auto px-2 pt-1.5 pb-2"
          >
            {items.length === 0 && <li className="px-3 py-4 text-oma-muted">Nothing has that name.</li>}
            {items.map((item, index) => (
              <Result
                key={item.group + item.id}
                id={`${listId}-${item.id}`}
                item={item}
                heads={items[index - 1]?.group !== item.group}
                chosen={index === current}
                onPoint={() => {
                  setChosen(index);
                }}
                onRun={() => {
                  run(item);
                }}
              />
            ))}
          </ul>
          <footer className="flex gap-[18px] border-t border-oma-line px-5 py-[9px] text-micro text-oma-subtle max-desk:hidden">
            <span>
              <kbd>↑</kbd> <kbd>↓</kbd> choose
            </span>
            <span>
              <kbd>↵</kbd> open
            </span>
          </footer>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Result({
  id,
  item,
  heads,
  chosen,
  onPoint,
  onRun,
}: {
  id: string;
  item: Item;
  heads: boolean;
  chosen: boolean;
  onPoint: () => void;
  onRun: () => void;
}) {
  return (
    <>
      {heads && (
        <li role="presentation" className="px-3 pt-2.5 pb-1 text-micro font-medium text-oma-subtle">
          {item.group}
        </li>
      )}
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are the combobox's */}
      <li
        id={id}
        role="option"
        aria-selected={chosen}
        tabIndex={-1}
        onMouseMove={onPoint}
        onClick={onRun}
        className="flex min-h-[42px] cursor-pointer items-center gap-3 rounded-md px-3 aria-selected:bg-oma-select"
      >
        <span className="grid w-6 place-items-center">{item.icon}</span>
        <span className="min-w-0 flex-1 truncate">
          <b className="font-medium">{item.name}</b> <span className="text-oma-subtle">{item.note}</span>
        </span>
      </li>
    </>
  );
}
