import { Announcer } from "./announcer";
import { useMay } from "../../api/may";
import { ReadsOnly } from "../../ui/people";
import { Dock } from "./dock";
import { RowView } from "./row_view";
import { Rows } from "./rows_view";
import type { OpenThread } from "./use_open_thread";
import { waitingActions } from "./use_waiting";

/** A conversation between its head and its end: what was said, and the place to write. */
export function ThreadBody({ view }: { view: OpenThread }) {
  const { thread, snapshot, chat, agent, rows, preparing, settings, turn } = view;
  const { conversation, history } = snapshot;
  const { write } = useMay();
  return (
    <>
      <Rows
        snapshot={snapshot}
        chat={chat}
        agent={agent}
        mode={settings.mode}
        rows={rows}
        render={(row) => (
          <RowView
            row={row}
            agent={agent}
            thread={thread}
            preparing={preparing}
            conversation={conversation}
            onAnswer={view.answer}
            onRetry={(id) => {
              chat.retry(id);
            }}
            onDiscard={(id) => {
              chat.discard(id);
            }}
            onTakeBack={(id) => {
              waitingActions(chat, conversation, agent.displayName).withdraw(id);
            }}
          />
        )}
      />
      <Announcer
        messages={conversation.messages}
        asking={conversation.permissions}
        name={agent.displayName}
        ready={history === "ready"}
      />
      {write ? (
        <Dock
          thread={thread}
          agent={agent}
          chat={chat}
          conversation={conversation}
          settings={settings}
          ended={view.ended && conversation.outbox.every((outgoing) => outgoing.failure)}
          stopping={turn.stopping}
          onStop={turn.stop}
        />
      ) : (
        <div className="relative z-3 border-t border-oma-line px-4 pt-3 pb-[calc(14px+env(safe-area-inset-bottom))]">
          <ReadsOnly what="this conversation" />
        </div>
      )}
    </>
  );
}
