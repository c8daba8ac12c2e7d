import { ChevronDown, MessageSquareText, ShieldCheck } from "lucide-react";
import { useState, type KeyboardEvent, type ReactNode } from "react";
import type { Permission } from "../../../api/types";
import { Button, IconButton } from "../../../ui/button";
import { singleKeys } from "../../../ui/keys";
import { Menu, MenuItem } from "../../../ui/menu";
import { plainText } from "../../../ui/plain_text";
import { sessionScope } from "../asks";
import { ToolInput } from "../tool_detail";
import type { Answer } from "../answers";
import { DenyNote } from "./deny_note";
import { useAnswering } from "./use_answering";

export type RequestProps = { request: Permission; all: ReactNode; onAnswer: Answer };

export function Failure({ problem }: { problem: string | null }) {
  if (!problem) return null;
  return (
    <p role="alert" className="px-4 pt-2.5 text-small text-oma-error-ink">
      Not answered. {problem}
    </p>
  );
}

/** What the agent says the thing is for, and why it must ask. */
export function Reasons({ request }: { request: Permission }) {
  const text = [request.description, request.reason].filter(Boolean).join(" ");
  if (text === "") return null;
  return <p className="px-4 pt-2.5 wrap-anywhere text-oma-muted">{plainText(text)}</p>;
}

/** The pressed key's name for a request's keys, which work only while the card has the focus and nobody types. */
export function keyOf(event: KeyboardEvent): string | null {
  const typing = event.target instanceof Element && event.target.closest("textarea,input,[role=menu]");
  if (typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey || !singleKeys.on())
    return null;
  return event.shiftKey ? `Shift ${event.key.toUpperCase()}` : event.key.toUpperCase();
}

/** A tool that needs consent: exactly what it would do, and how far the consent goes. */
export function ToolRequest({ request, all, onAnswer }: RequestProps) {
  const [noting, setNoting] = useState(false);
  const { sending, problem, answer } = useAnswering(request, onAnswer);
  const keys: Record<string, () => void> = {
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
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- keys of the card around it
    <div
      onKeyDown={(event) => {
        const act = keys[keyOf(event) ?? ""];
        if (!act) return;
        event.preventDefault();
        act();
      }}
    >
      <div className="grid gap-2 px-4 pt-2.5 [&>section]:m-0">
        <ToolInput tool={request} />
      </div>
      <Reasons request={request} />
      <Failure problem={problem} />
      {noting ? (
        <DenyNote
          label="What should be done instead?"
          action="Deny with this note"
          sending={sending}
          onSend={(message) => {
            answer({ behavior: "deny", message });
          }}
          onCancel={() => {
            setNoting(false);
          }}
        />
      ) : (
        <div className="flex flex-wrap items-center gap-2 px-4 pt-3 pb-2 max-desk:grid max-desk:grid-cols-2">
          <Button
            kind="solid"
            className="max-desk:col-span-2 max-desk:h-12"
            disabled={sending}
            onClick={keys.A}
          >
            Allow once <Cap>A</Cap>
          </Button>
          <Button disabled={sending} title={sessionScope(request.tool)} onClick={keys.S}>
            Allow for session <Cap>S</Cap>
          </Button>
          <span className="inline-flex">
            <Button className="rounded-r-none! max-desk:flex-1" disabled={sending} onClick={keys.D}>
              Deny <Cap>D</Cap>
            </Button>
            <Menu
              trigger={
                <IconButton
                  label="More answers"
                  disabled={sending}
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
        </div>
      )}
    </div>
  );
}

/** The key that does the same, on the button itself. */
function Cap({ children }: { children: string }) {
  return (
    <kbd
      aria-hidden="true"
      className="min-w-0! border-0! p-0! text-micro! text-current! opacity-70 max-desk:hidden"
    >
      {children}
    </kbd>
  );
}
