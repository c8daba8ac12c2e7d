import { useState } from "react";
import { Dialog } from "../ui/dialog";
import type { NewsKind } from "../api/types";
import { newsKinds, newsWords } from "../api/news_kinds";
import { wanted } from "./news";
import { pushes, usePush } from "./push";

type Leave = NotificationPermission | "missing";

function leave(): Leave {
  return "Notification" in window ? Notification.permission : "missing";
}

const refused: Partial<Record<Leave, string>> = {
  denied: "This browser blocks notifications of this page. Allow them in its settings for this site.",
  missing: "This browser shows no notifications of pages.",
};

/** What is told while a person looks elsewhere, each kind by its own switch. The browser is asked at the first. */
export default function NewsDialog({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(() => new Set(newsKinds.filter((kind) => wanted.get(kind))));
  const [allowed, setAllowed] = useState(leave);
  const push = usePush();
  const turn = async (kind: NewsKind, wants: boolean) => {
    let now = leave();
    if (wants && now === "default") now = await Notification.requestPermission();
    setAllowed(now);
    const shown = wants && now === "granted";
    wanted.set(kind, shown);
    const kinds = [...on].filter((other) => other !== kind).concat(shown ? [kind] : []);
    setOn(new Set(kinds));
    if (push.on) push.set(kinds);
  };
  return (
    <Dialog
      title="Notifications"
      description="Shown by this browser while you look elsewhere."
      onClose={onClose}
    >
      <div className="grid gap-1 pt-2">
        {newsKinds.map((kind) => (
          <label
            key={kind}
            className="flex min-h-12 cursor-pointer items-start gap-3 rounded-lg px-2 py-2 hover:bg-oma-hover"
          >
            <input
              type="checkbox"
              className="choice"
              checked={on.has(kind)}
              disabled={allowed === "denied" || allowed === "missing"}
              onChange={(event) => void turn(kind, event.target.checked)}
            />
            <span className="min-w-0">
              {newsWords[kind].name}
              <span className="block text-small text-oma-muted">{newsWords[kind].note}</span>
            </span>
          </label>
        ))}
      </div>
      {pushes() && (
        <label className="mt-1 flex min-h-12 cursor-pointer items-start gap-3 border-t border-oma-line px-2 pt-3 pb-1">
          <input
            type="checkbox"
            className="choice"
            checked={push.on}
            disabled={push.busy || on.size === 0}
            onChange={(event) => {
              push.set(event.target.checked ? [...on] : []);
            }}
          />
          <span className="min-w-0">
            Also while no page is open
            <span className="block text-small text-oma-muted">
              Through this browser’s push service, sealed so that only this browser reads it
            </span>
          </span>
        </label>
      )}
      {push.problem !== null && (
        <p role="alert" className="px-2 pt-2 text-small text-oma-error-ink">
          {push.problem}
        </p>
      )}
      {refused[allowed] && (
        <p role="status" className="pt-3 text-small text-oma-warning-ink">
          {refused[allowed]}
        </p>
      )}
    </Dialog>
  );
}
