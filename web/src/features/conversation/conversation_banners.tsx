import { useDoctor, useMay } from "../../api/may";
import type { Chat, ChatSnapshot } from "../../stream/chat";
import { cautionsOf } from "./cautions";
import { ConnectionBanner } from "../../ui/connection_banner";
import { PracticeStrip } from "./practice_strip";
import { SessionStrip } from "./session_strip";
import { SilenceBanner } from "./silence_banner";
import type { useChanges } from "./use_changes";
import type { SessionSettings } from "./use_session_settings";
import type { useTurn } from "./use_turn";

/** What stands under the head: the session's figures, and the graver of what is to be known now. */
export function ConversationBanners({
  snapshot,
  chat,
  settings,
  changes,
  turn,
}: {
  snapshot: ChatSnapshot;
  chat: Chat;
  settings: SessionSettings;
  changes: ReturnType<typeof useChanges>;
  turn: ReturnType<typeof useTurn>;
}) {
  const { session, run } = snapshot.conversation;
  const { write } = useMay();
  const practice = useDoctor().data?.practice ?? false;
  return (
    <>
      <SessionStrip
        session={session}
        changes={changes.changes}
        practice={practice || settings.details?.modelAccess === "practice"}
        cautions={cautionsOf(settings.details)}
        changesOpen={changes.open}
        onChanges={changes.toggle}
      />
      {session?.silence && run?.busy ? (
        <SilenceBanner silence={session.silence} stopping={turn.stopping} onStop={write ? turn.stop : null} />
      ) : (
        <PracticeStrip />
      )}
      <ConnectionBanner
        connection={snapshot.connection}
        onNow={() => {
          chat.reconnectNow();
        }}
      />
    </>
  );
}
