import { useRef, useState } from "react";
import { resumeThread } from "../../api/calls";
import { asProblem } from "../../api/client";
import type { Thread } from "../../api/types";
import type { Chat } from "../../stream/chat";
import type { Conversation } from "../../stream/conversation";
import { useKeys } from "../../ui/keys";
import { showToast } from "../../ui/toast";
import { Composer, type ComposerHandle } from "./composer";
import { ComposerControls } from "./composer_controls";
import { Ended } from "./ended";
import { ModeNote } from "./mode_note";
import type { Teammate } from "../../api/team";
import { WaitingTray } from "./tray";
import type { SessionSettings } from "./use_session_settings";
import { waitingActions } from "./use_waiting";
import { unreadMessages, waitingMessages } from "./waiting";

/** The foot of a conversation: the composer with what waits on its shoulder, or the way to start again. */
export function Dock({
  thread,
  agent,
  chat,
  conversation,
  settings,
  ended,
  stopping,
  onStop,
}: {
  thread: Thread;
  agent: Teammate;
  chat: Chat;
  conversation: Conversation;
  settings: SessionSettings;
  ended: boolean;
  stopping: boolean;
  onStop: () => void;
}) {
  const name = agent.displayName;
  const input = useRef<ComposerHandle>(null);
  const runId = conversation.run?.id ?? "none";
  const [restarted, setRestarted] = useState<string | null>(null);
  const [editing, setEditing] = useState<string | null>(null);
  const closed = ended && restarted !== runId;
  const busy = conversation.run?.busy ?? false;
  const waiting = waitingMessages(conversation);
  const start = () => {
    setRestarted(runId);
    requestAnimationFrame(() => input.current?.focus());
    if (unreadMessages(conversation).length > 0) void resume();
  };
  // What the ended session left unread is reason enough for the next one.
  const resume = async () => {
    try {
      const { runId: id } = await resumeThread(thread.agentName, thread);
      chat.setRun({ id, status: "started", busy: true, attention: null, external: false });
    } catch (error) {
      showToast(asProblem(error).message);
    }
  };
  useKeys([
    {
      keys: ["I"],
      does: "Write",
      group: "Conversation",
      run: () => {
        if (closed) start();
        else input.current?.focus();
      },
    },
    ...(busy
      ? [{ keys: ["Ctrl", "."], does: "Stop the turn", group: "Conversation" as const, run: onStop }]
      : []),
  ]);
  const controls = (
    <ComposerControls
      {...settings}
      agent={name}
      onMode={(mode) => {
        // The session gives way to one in the other mode; the conversation goes on from here.
        setRestarted(runId);
        settings.setMode(mode);
      }}
      onPermissionMode={settings.setPermissionMode}
      onModel={settings.setModel}
    />
  );
  return (
    <div
      className={`is-${agent.role} relative z-3 px-4 pb-4 max-desk:px-2 max-desk:pb-[calc(8px+env(safe-area-inset-bottom))]`}
    >
      <div className="mx-auto max-w-[732px]">
        {closed ? (
          <Ended agent={name} endedAt={conversation.messages.at(-1)?.timestamp ?? null} onStart={start} />
        ) : (
          <Composer
            place={thread.threadId}
            agent={name}
            placeholder={ended ? `Message ${name}: a new session goes on from here…` : undefined}
            ref={input}
            busy={busy}
            stopping={stopping}
            projectId={thread.projectId}
            onSend={(text, urgency, attachments) => {
              chat.send(text, urgency, attachments);
            }}
            onStop={onStop}
            onUp={() => {
              setEditing(waiting.findLast(({ state }) => state !== "sending")?.id ?? null);
            }}
            controls={settings.external ? null : controls}
            note={<ModeNote name={name} mode={settings.mode} refused={settings.refused} onStop={onStop} />}
            tray={
              <WaitingTray
                waiting={waiting}
                agent={name}
                actions={waitingActions(chat, conversation, name)}
                editing={editing}
                onEdit={(id) => {
                  setEditing(id);
                  if (id === null) input.current?.focus();
                }}
                onLateEdit={(text) => {
                  input.current?.append(text);
                  showToast(`Too late: ${name} has it as it was. What you wrote is in the composer.`);
                }}
              />
            }
          />
        )}
      </div>
    </div>
  );
}
