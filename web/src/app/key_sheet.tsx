import { useState } from "react";
import { Dialog } from "../ui/dialog";
import { listKeys, singleKeys, type Key } from "../ui/keys";

type Line = Pick<Key, "keys" | "does">;

// Keys of parts that hear them only while they have the focus.
const writing: Line[] = [
  { keys: ["↵"], does: "Send, or wait in line" },
  { keys: ["Shift", "↵"], does: "New line" },
  { keys: ["Ctrl", "↵"], does: "Send now and steer" },
  { keys: ["↑"], does: "Edit the last waiting message" },
  { keys: ["Alt", "↑", "↓"], does: "Move a waiting message" },
  { keys: ["Esc"], does: "Leave the composer" },
];
const permission: Line[] = [
  { keys: ["A"], does: "Allow once" },
  { keys: ["S"], does: "Allow for the session" },
  { keys: ["D"], does: "Deny" },
  { keys: ["Shift", "D"], does: "Deny with a note" },
];

/** Every key that works on the page as it is now. */
export default function KeySheet({ onClose }: { onClose: () => void }) {
  const [keys] = useState(listKeys);
  const [on, setOn] = useState(singleKeys.on);
  const of = (group: Key["group"]) => keys.filter((key) => key.group === group);
  const reading = of("Reading");
  const groups: { name: string; keys: Line[] }[] = [
    { name: "Anywhere", keys: of("Anywhere") },
    ...(of("Conversation").length > 0
      ? [{ name: "Conversation", keys: [...of("Conversation"), ...writing] }]
      : []),
    ...(reading.length > 0 ? [{ name: "Permission, while the card has the focus", keys: permission }] : []),
    ...(reading.length > 0 ? [{ name: "Reading", keys: reading }] : []),
    ...(of("Log").length > 0 ? [{ name: "Log", keys: of("Log") }] : []),
  ];
  return (
    <Dialog title="Keyboard" width="w-[640px]" onClose={onClose}>
      <div className="grid grid-cols-2 gap-x-10 gap-y-1.5 max-desk:grid-cols-1">
        {groups.map((group) => (
          <section key={group.name}>
            <h3 className="mt-2.5 mb-1.5 text-micro font-medium text-oma-subtle">{group.name}</h3>
            <ul>
              {group.keys.map((key) => (
                <li key={key.keys.join()} className="flex items-center gap-1.5 py-1">
                  <span className="flex-1">{key.does}</span>
                  {key.keys.map((cap) => (
                    <kbd key={cap}>{cap}</kbd>
                  ))}
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      <label className="mt-5 flex items-center gap-2 border-t border-oma-line pt-4 text-small text-oma-muted">
        <input
          type="checkbox"
          className="size-4 accent-oma-action"
          checked={on}
          onChange={(event) => {
            singleKeys.set(event.target.checked);
            setOn(event.target.checked);
          }}
        />
        Single keys, without Ctrl
      </label>
    </Dialog>
  );
}
