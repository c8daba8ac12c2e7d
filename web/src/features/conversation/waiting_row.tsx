import {
  ArrowDown,
  ArrowUp,
  Clock,
  CornerDownRight,
  Ellipsis,
  GripVertical,
  Paperclip,
  Pause,
  Pencil,
  Play,
  X,
} from "lucide-react";
import type { KeyboardEvent } from "react";
import { Button, IconButton } from "../../ui/button";
import { Menu, MenuItem } from "../../ui/menu";
import { showHidden } from "../../ui/plain_text";
import type { WaitingActions } from "./use_waiting";
import type { Waiting } from "./waiting";
import { WaitingEditor } from "./waiting_editor";

type RowProps = {
  message: Waiting;
  at: number;
  count: number;
  actions: WaitingActions;
  editing: boolean;
  onEdit: (id: string | null) => void;
  onLateEdit: (content: string) => void;
  dragged: string | null;
  onDrag: (id: string | null) => void;
};

/** Everything that can be done with a waiting message, for the finger and for who looks for it. */
function RowMenu({ message: { id, state }, at, count, actions, onEdit }: RowProps) {
  const held = state === "held";
  return (
    <Menu
      trigger={
        <IconButton small label="Send now, edit, move, hold back or withdraw">
          <Ellipsis size={14} />
        </IconButton>
      }
    >
      <MenuItem
        icon={<CornerDownRight size={16} />}
        onSelect={() => {
          actions.sendNow(id);
        }}
      >
        Send now, stopping the turn
      </MenuItem>
      <MenuItem
        icon={held ? <Play size={16} /> : <Pause size={16} />}
        onSelect={() => {
          actions.hold(id, !held);
        }}
      >
        {held ? "Let go, for the next step" : "Hold back until the turn ends"}
      </MenuItem>
      <MenuItem
        icon={<Pencil size={16} />}
        onSelect={() => {
          onEdit(id);
        }}
      >
        Edit
      </MenuItem>
      {at > 0 && (
        <MenuItem
          icon={<ArrowUp size={16} />}
          onSelect={() => {
            actions.move(id, at - 1);
          }}
        >
          Move up
        </MenuItem>
      )}
      {at < count - 1 && (
        <MenuItem
          icon={<ArrowDown size={16} />}
          onSelect={() => {
            actions.move(id, at + 1);
          }}
        >
          Move down
        </MenuItem>
      )}
      <MenuItem
        danger
        icon={<X size={16} />}
        onSelect={() => {
          actions.withdraw(id);
        }}
      >
        Withdraw
      </MenuItem>
    </Menu>
  );
}

/** One waiting message: what it says, how it waits, and what can be done about it until the agent has it. */
export function WaitingRow(props: RowProps) {
  const { message, at, count, actions, editing, onEdit, onLateEdit, dragged, onDrag } = props;
  const { id, content, attachments, state } = message;
  const stored = state !== "sending";
  if (editing && stored) {
    return (
      <li>
        <WaitingEditor
          content={content}
          onSave={(text) => actions.edit(id, text)}
          onLate={onLateEdit}
          onClose={() => {
            onEdit(null);
          }}
        />
      </li>
    );
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (!event.altKey || step === 0 || !stored) return;
    event.preventDefault();
    actions.move(id, at + step);
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Alt with arrows moves it, from any of its buttons
    <li
      onKeyDown={onKeyDown}
      draggable={stored && count > 1}
      onDragStart={() => {
        onDrag(id);
      }}
      onDragEnd={() => {
        onDrag(null);
      }}
      onDragOver={(event) => {
        if (dragged !== null) event.preventDefault();
      }}
      onDrop={(event) => {
        event.preventDefault();
        if (dragged !== null && dragged !== id) actions.move(dragged, at);
        onDrag(null);
      }}
      className={`group grid min-h-9 animate-fade grid-cols-[18px_minmax(0,1fr)_auto] items-center gap-2 rounded-md py-1 pr-1 pl-1.5 transition-colors duration-150 focus-within:bg-oma-hover hover:bg-oma-hover max-desk:min-h-11 ${dragged === id ? "opacity-60" : ""}`}
    >
      {stored && count > 1 ? (
        <button
          type="button"
          aria-label={`Move: Alt with the arrows, place ${String(at + 1)} of ${String(count)}`}
          title="Drag, or Alt ↑ ↓"
          className="grid h-7 cursor-grab place-items-center rounded-xs text-oma-subtle"
        >
          <GripVertical size={16} aria-hidden="true" />
        </button>
      ) : (
        <Clock size={14} className="justify-self-center text-oma-subtle" aria-hidden="true" />
      )}
      <span className="flex min-w-0 items-center gap-2">
        <span className="truncate" title={content}>
          {showHidden(content) || attachments.map(({ name }) => name).join(", ")}
        </span>
        {attachments.length > 0 && (
          <span className="inline-flex flex-none items-center gap-1 text-micro text-oma-subtle">
            <Paperclip size={12} aria-hidden="true" />
            {attachments.length}
            <span className="sr-only">{attachments.length === 1 ? "file" : "files"}</span>
          </span>
        )}
        {state === "held" && (
          <span className="inline-flex flex-none items-center gap-1 text-micro text-oma-subtle">
            <Pause size={12} aria-hidden="true" />
            held back
          </span>
        )}
      </span>
      {stored ? (
        <span className="flex items-center gap-0.5">
          <span className="flex items-center gap-0.5 opacity-0 transition-opacity duration-150 group-focus-within:opacity-100 group-hover:opacity-100 max-desk:hidden">
            <Button
              kind="ghost"
              size="small"
              className="h-[26px]! text-oma-text!"
              title="Stops the turn"
              onClick={() => {
                actions.sendNow(id);
              }}
            >
              <CornerDownRight size={14} aria-hidden="true" />
              Send now
            </Button>
            <IconButton
              small
              label="Edit"
              onClick={() => {
                onEdit(id);
              }}
            >
              <Pencil size={14} />
            </IconButton>
            <IconButton
              small
              label="Withdraw"
              onClick={() => {
                actions.withdraw(id);
              }}
            >
              <X size={14} />
            </IconButton>
          </span>
          <RowMenu {...props} />
        </span>
      ) : (
        <span className="pr-2 text-micro text-oma-subtle">Sending</span>
      )}
    </li>
  );
}
