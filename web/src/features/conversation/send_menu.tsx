import { ArrowUp, ChevronDown, CornerDownRight, Pause } from "lucide-react";
import type { Urgency } from "../../stream/conversation";
import { Button, IconButton } from "../../ui/button";
import { Menu, MenuItem } from "../../ui/menu";

/** Send, and while the agent works how soon it is to have it. */
export function SendButton({
  busy,
  disabled,
  onSend,
}: {
  busy: boolean;
  disabled: boolean;
  onSend: (urgency: Urgency) => void;
}) {
  const send = (
    <Button
      size="small"
      kind={busy ? "plain" : "solid"}
      className={`h-8 ${busy ? "rounded-l-md rounded-r-none!" : "rounded-md"}`}
      disabled={disabled}
      onClick={() => {
        onSend("next");
      }}
    >
      Send
      <ArrowUp size={14} aria-hidden="true" />
    </Button>
  );
  if (!busy) return send;
  return (
    <span className="inline-flex">
      {send}
      <Menu
        trigger={
          <IconButton
            label="When to send"
            disabled={disabled}
            className="-ml-px h-8! rounded-l-none! rounded-r-md! border border-oma-line-bright bg-oma-glass disabled:border-oma-line disabled:text-oma-subtle max-desk:h-[38px]!"
          >
            <ChevronDown size={14} />
          </IconButton>
        }
      >
        <MenuItem
          icon={<ArrowUp size={16} />}
          keys={["↵"]}
          note="The agent reads it at its next step"
          onSelect={() => {
            onSend("next");
          }}
        >
          Send
        </MenuItem>
        <MenuItem
          icon={<Pause size={16} />}
          note="Until the turn ends"
          onSelect={() => {
            onSend("hold");
          }}
        >
          Hold back
        </MenuItem>
        <MenuItem
          icon={<CornerDownRight size={16} />}
          keys={["Ctrl", "↵"]}
          note="Stops the turn; the agent reads it at once"
          onSelect={() => {
            onSend("now");
          }}
        >
          Send now
        </MenuItem>
      </Menu>
    </span>
  );
}
