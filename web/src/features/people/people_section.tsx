import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem } from "../../api/client";
import { queries } from "../../api/queries";
import type { User } from "../../api/types";
import { Button } from "../../ui/button";
import { Delayed } from "../../ui/parts";
import { roles } from "../../ui/people";
import { Section, Trouble } from "../../ui/section";
import { AddPerson } from "./add_person";
import { Invitation } from "./invitation";
import { PersonRow } from "./person_row";
import { usePeople } from "./use_people";

/** Everybody of this server. A new link is shown once, beside whom it is for. */
export function PeopleSection() {
  const { data, error, refetch } = useQuery(queries.users());
  const [adding, setAdding] = useState(false);
  const [invited, setInvited] = useState<{ user: User; code: string } | null>(null);
  const { invite, change, problem } = usePeople((user, code) => {
    setInvited({ user, code });
  });
  const failure = error ? asProblem(error) : problem;
  const people = data?.items ?? [];
  const sorted = [
    ...people.filter((one) => !one.deactivatedAt),
    ...people.filter((one) => one.deactivatedAt),
  ];
  return (
    <Section
      title="People"
      about="Who may come in. Developers and viewers see the projects that they are members of; you add them there, in the project’s settings."
    >
      {failure && <Trouble onRetry={error ? () => void refetch() : undefined}>{failure.message}</Trouble>}
      {!data && !error && (
        <Delayed>
          <span role="status" aria-label="Loading the people" className="skeleton h-9 w-full" />
        </Delayed>
      )}
      {data && (
        <ul>
          {sorted.map((user) => (
            <PersonRow key={user.id} user={user} onInvite={invite} onChange={change}>
              {invited?.user.id === user.id && <Invitation name={user.name} code={invited.code} />}
            </PersonRow>
          ))}
        </ul>
      )}
      {adding ? (
        <AddPerson
          onAdded={(user) => {
            setAdding(false);
            invite(user);
          }}
          onClose={() => {
            setAdding(false);
          }}
        />
      ) : (
        <div>
          <Button
            size="small"
            onClick={() => {
              setAdding(true);
            }}
          >
            Add a person
          </Button>
        </div>
      )}
      <dl className="grid gap-x-3 gap-y-1 border-t border-oma-line pt-3.5 text-small text-oma-muted desk:grid-cols-[auto_minmax(0,1fr)]">
        {roles.map(({ value, name, means }) => (
          <div key={value} className="contents">
            <dt className="font-medium text-oma-text">{name}</dt>
            <dd className="max-desk:mb-1">{means}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
