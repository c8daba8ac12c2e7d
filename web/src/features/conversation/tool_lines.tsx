import {
  Bot,
  ChevronRight,
  FileText,
  FolderSearch,
  Globe,
  ListChecks,
  MessageCircleQuestionMark,
  Pencil,
  Search,
  ShieldCheck,
  ShieldX,
  SquareTerminal,
  Terminal,
  Wrench,
  FilePlus,
  type LucideIcon,
} from "lucide-react";
import { useId, type ReactNode } from "react";
import type { Permission, ToolUse } from "../../api/types";
import { Spinner } from "../../ui/parts";
import { showHidden } from "../../ui/plain_text";
import { duration, Elapsed } from "../../ui/time";
import { useDisclosure } from "./disclosure";
import { ToolDetail } from "./tool_detail";
import { consentWords, describeTool, foldedLine, groupTools, type ToolGroup, type ToolKind } from "./tools";

const icons: Record<ToolKind, LucideIcon> = {
  read: FileText,
  search: Search,
  list: FolderSearch,
  run: Terminal,
  edit: Pencil,
  write: FilePlus,
  plan: ListChecks,
  web: Globe,
  delegate: Bot,
  ask: MessageCircleQuestionMark,
  other: Wrench,
};

/** How those tool uses were consented to that a person was asked about, by tool use. */
export type Consents = Readonly<Record<string, Permission>>;

function Line({
  id,
  initially,
  icon,
  verb,
  argument,
  meta,
  children,
}: {
  id: string;
  initially: boolean;
  icon: ReactNode;
  verb: string;
  argument: string;
  meta: ReactNode;
  children: ReactNode;
}) {
  const [open, toggle] = useDisclosure(id, initially);
  const detailId = useId();
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={open ? detailId : undefined}
        onClick={toggle}
        className="flex min-h-[30px] w-full items-center gap-[9px] rounded-sm px-2 text-left text-small text-oma-muted transition-colors duration-150 hover:bg-oma-hover max-desk:min-h-10 max-desk:px-1"
      >
        <span className="grid w-[15px] flex-none place-items-center text-oma-subtle">{icon}</span>
        <span className="font-medium whitespace-nowrap text-oma-text">{verb}</span>
        <span className="min-w-0 truncate font-mono text-micro leading-[18px] tracking-[-.01em]">
          {argument}
        </span>
        <span className="ml-auto inline-flex flex-none items-center gap-2 font-mono text-micro leading-[18px] tracking-[-.01em] whitespace-nowrap text-oma-subtle">
          {meta}
          <ChevronRight
            size={14}
            className={`transition-transform duration-150 ${open ? "rotate-90" : ""}`}
          />
        </span>
      </button>
      {open && <div id={detailId}>{children}</div>}
    </div>
  );
}

/** What came of it: the server's words where it has some, else what the input tells, then the time if it took any. */
function Outcome({ tool }: { tool: ToolUse }) {
  if (tool.status === "running") {
    return <Elapsed since={Date.parse(tool.startedAt)} />;
  }
  const { change, kind } = describeTool(tool);
  const took = tool.endedAt ? Date.parse(tool.endedAt) - Date.parse(tool.startedAt) : 0;
  const failed = tool.status === "error";
  const tone = failed
    ? "font-medium text-oma-error-ink"
    : kind === "run"
      ? "font-medium text-oma-success-ink"
      : "";
  return (
    <>
      {change && !failed ? (
        <>
          {change.added > 0 && <span className="text-oma-add-ink">+{change.added}</span>}
          {change.removed > 0 && <span className="text-oma-del-ink">−{change.removed}</span>}
        </>
      ) : (
        (tool.summary ?? failed) && (
          <span className={`max-w-[180px] truncate max-desk:max-w-[110px] ${tone}`}>
            {showHidden(tool.summary ?? "failed")}
          </span>
        )
      )}
      {took >= 1000 && <span className="max-desk:hidden">{duration(took)}</span>}
    </>
  );
}

function ToolLineItem({ tool, consent }: { tool: ToolUse; consent: Permission | undefined }) {
  const { kind, verb, argument } = describeTool(tool);
  const asked = consent ? consentWords(consent) : null;
  const refused = asked !== null && consent?.status !== "allowed";
  const Icon = asked
    ? refused
      ? ShieldX
      : ShieldCheck
    : tool.tool === "KillShell"
      ? SquareTerminal
      : icons[kind];
  const running = tool.status === "running" && !refused;
  // What a person answered says more than what the agent's program makes of it.
  const answers = consent?.answers && Object.values(consent.answers).map(String).join(", ");
  return (
    <Line
      id={tool.toolUseId}
      initially={false}
      icon={running ? <Spinner /> : <Icon size={15} strokeWidth={1.75} />}
      verb={asked ?? verb}
      argument={showHidden(answers ?? argument)}
      meta={refused || (asked && consent?.kind !== "tool") ? null : <Outcome tool={tool} />}
    >
      <ToolDetail tool={tool} consent={consent} />
    </Line>
  );
}

function Fold({ group, consents }: { group: ToolGroup; consents: Consents }) {
  const Icon = icons[group.kind];
  const failed = group.tools.filter((tool) => tool.status === "error").length;
  return (
    <Line
      id={`${group.key}:fold`}
      initially={false}
      icon={<Icon size={15} strokeWidth={1.75} />}
      verb={foldedLine(group)}
      argument=""
      meta={failed > 0 && <span className="font-medium text-oma-error-ink">{failed} failed</span>}
    >
      <div className="ml-4 border-l border-oma-line pl-1">
        {group.tools.map((tool) => (
          <ToolLineItem key={tool.toolUseId} tool={tool} consent={consents[tool.toolUseId]} />
        ))}
      </div>
    </Line>
  );
}

/** Tool uses as a stack of quiet lines; each opens in place to its input and result. */
export function ToolLines({ tools, consents }: { tools: ToolUse[]; consents: Consents }) {
  return (
    <div role="group" aria-label="Tool uses">
      {groupTools(tools).map((group) =>
        group.folded ? (
          <Fold key={group.key} group={group} consents={consents} />
        ) : (
          group.tools.map((tool) => (
            <ToolLineItem key={tool.toolUseId} tool={tool} consent={consents[tool.toolUseId]} />
          ))
        ),
      )}
    </div>
  );
}
