import { ChevronDown, MessageSquareText, ShieldCheck } from "lucide-react";
import { useImperativeHandle, useState, type ReactNode, type Ref } from "react";
import type { Permission } from "../../../api/types";
import { Button, IconButton } from "../../../ui/button";
import { Menu, MenuItem } from "../../../ui/menu";
import { plainText } from "../../../ui/plain_text";
import { askSubject, sessionScope } from "../asks";
import { ToolInput } from "../tool_detail";
import type { Answer } from "../answers";
import { DenyNote } from "./deny_note";
import { useAnswering } from "./use_answering";

/** What the card's keys do, by their names: "A", "Shift D". */
export type RequestKeys = Partial<Record<string, () => void>>;
export type RequestProps = {
  request: Permission;
  keys: Ref<RequestKeys>;
  all: ReactNode;
  onAnswer: Answer;
};

export function Failure({ problem }: { problem: string | null }) {
  if (!problem) return null;
  return (
    <p role="alert" className="px-4 pt-2.5 text-small text-oma-error-ink">
      Not answered. {problem}
    </p>
  );
}

/** What the agent says the thing is for, and why it must ask. */
export function Reasons({ request: { description, reason, ...request } }: { request: Permission }) {
  // An agent may describe a command by the command.
  const purpose = description === askSubject(request) ? null : description;
  if (!purpose && !reason) return null;
  return (
    <div className="grid gap-1 px-4 pt-2.5 wrap-anywhere text-oma-muted">
      {purpose && <p>{plainText(purpose)}</p>}
      {reason && reason !== purpose && <p className="text-small">Asked because: {plainText(reason)}</p>}
    </div>
  );
}

/** A tool that needs consent: exactly what it would do, and how far the consent goes. */
export function ToolRequest({ request, keys, all, onAnswer }: RequestProps) {
  const [noting, setNoting] = useState(false);
  const { off, problem, answer } = useAnswering(request, onAnswer);
  const acts = {
    A: () => {
      answer({ behavior: "allow", scope: "once" });
    },
    S: () => {
      answer({ behavior: "allow", scope: "session" });
    },
    D: () => {
      answer({ behavior: "deny" });
    },
    "Shift D": () => {
      setNoting(true);
    },
  };
  useImperativeHandle(keys, () => acts);
  return (
    <div>
      <div className="grid gap-2 px-4 pt-2.5 [&>section]:m-0">
        <ToolInput tool={request} />
      </div>
      <Reasons request={request} />
      <Failure problem={problem} />
      {noting ? (
        <DenyNote
          label="What should be done instead?"
          action="Deny with this note"
          sending={off}
          onSend={(message) => {
            answer({ behavior: "deny", message });
          }}
          onCancel={() => {
            setNoting(false);
          }}
        />
      ) : (
        <div className="flex flex-wrap items-center gap-2 px-4 pt-3 pb-2 max-desk:grid max-desk:grid-cols-2">
          <Button kind="solid" className="max-desk:col-span-2 max-desk:h-12" disabled={off} onClick={acts.A}>
            Allow once <Cap solid>A</Cap>
          </Button>
          <Button disabled={off} onClick={acts.S}>
            Allow for session <Cap>S</Cap>
          </Button>
          <span className="inline-flex">
            <Button className="rounded-r-none! max-desk:flex-1" disabled={off} onClick={acts.D}>
              Deny <Cap>D</Cap>
            </Button>
            <Menu
              trigger={
                <IconButton
                  label="More answers"
                  disabled={off}
                  className="-ml-px size-[34px]! rounded-l-none! rounded-r-md! border border-oma-line-bright bg-oma-glass max-desk:size-11!"
                >
                  <ChevronDown size={14} />
                </IconButton>
              }
            >
              <MenuItem
                icon={<MessageSquareText size={16} />}
                onSelect={() => {
                  setNoting(true);
                }}
              >
                Deny with a note
              </MenuItem>
              <MenuItem
                icon={<ShieldCheck size={16} />}
                onSelect={() => {
                  answer({ behavior: "allow", scope: "command" });
                }}
              >
                Always allow exactly this in this project
              </MenuItem>
            </Menu>
          </span>
          {all}
          <p className="basis-full text-micro text-oma-subtle max-desk:col-span-2">
            For session: {sessionScope(request.tool).toLowerCase()}.
          </p>
        </div>
      )}
    </div>
  );
}

/** The key that does the same, on the button itself. */
function Cap({ children, solid = false }: { children: string; solid?: boolean }) {
  return (
    <kbd
      aria-hidden="true"
      className={`min-w-0! border-0! p-0! text-micro! max-desk:hidden ${solid ? "text-current!" : "text-oma-subtle!"}`}
    >
      {children}
    </kbd>
  );
}
