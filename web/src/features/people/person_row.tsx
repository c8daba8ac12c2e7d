import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import type { UserValues } from "../../api/calls";
import { queries } from "../../api/queries";
import type { User, UserRole } from "../../api/types";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Avatar, roleName, roles } from "../../ui/people";
import { Select } from "../../ui/select";
import { RelativeTime } from "../../ui/time";

/** Whoever runs the server: always there, always an administrator. */
const operatorId = "admin";

function About({ user, isMe }: { user: User; isMe: boolean }) {
  const words = [
    ...(isMe ? ["You"] : []),
    ...(user.id === operatorId ? ["Runs the server"] : []),
    ...(user.deactivatedAt ? [`${roleName(user.role)}, deactivated`] : []),
  ];
  return (
    <span className="min-w-0 flex-1">
      <span className={`block truncate ${user.deactivatedAt ? "text-oma-muted" : ""}`}>{user.name}</span>
      {words.length > 0 && (
        <span className="block text-small text-oma-subtle">
          {words.join(" · ")} {user.deactivatedAt && <RelativeTime at={user.deactivatedAt} />}
        </span>
      )}
    </span>
  );
}

/** One person, with what an administrator can do about them; `children` stands below. */
export function PersonRow({
  user,
  onInvite,
  onChange,
  children,
}: {
  user: User;
  onInvite: (user: User) => void;
  onChange: (user: User, values: UserValues) => void;
  children: ReactNode;
}) {
  const { data: me } = useQuery(queries.me());
  const [asking, setAsking] = useState(false);
  const isMe = me?.id === user.id;
  const fixed = isMe || user.id === operatorId;
  const active = !user.deactivatedAt;
  return (
    <li aria-label={user.name} className="border-t border-oma-line first:border-t-0">
      <div className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1.5 py-1.5">
        <Avatar name={user.name} faded={!active} />
        <About user={user} isMe={isMe} />
        <span className="flex flex-none flex-wrap items-center gap-1.5 max-desk:basis-full max-desk:pb-1">
          {active && fixed && <span className="px-1 text-small text-oma-muted">{roleName(user.role)}</span>}
          {active && !fixed && (
            <Select
              label={`${user.name}’s role`}
              value={user.role}
              options={roles}
              className="w-[150px] max-desk:w-full"
              onChange={(role) => {
                onChange(user, { role: role as UserRole });
              }}
            />
          )}
          {active && (
            <Button
              size="small"
              className="desk:h-[34px]!"
              aria-label={`Make a link for ${user.name}`}
              onClick={() => {
                onInvite(user);
              }}
            >
              Make a link
            </Button>
          )}
          {active && !fixed && (
            <Button
              size="small"
              kind="danger"
              className="desk:h-[34px]!"
              aria-label={`Deactivate ${user.name}`}
              onClick={() => {
                setAsking(true);
              }}
            >
              Deactivate
            </Button>
          )}
          {!active && (
            <Button
              size="small"
              aria-label={`Bring ${user.name} back`}
              onClick={() => {
                onChange(user, { active: true });
              }}
            >
              Bring back
            </Button>
          )}
        </span>
      </div>
      {children}
      {asking && (
        <Confirm
          title={`Deactivate ${user.name}?`}
          description="Their browsers are signed out at once, and their tokens and links stop working. What they wrote stays, and you can bring them back."
          action="Deactivate"
          onConfirm={() => {
            onChange(user, { active: false });
          }}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </li>
  );
}
