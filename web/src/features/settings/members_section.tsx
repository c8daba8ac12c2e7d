import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addMember, removeMember } from "../../api/calls";
import { asProblem } from "../../api/client";
import { useMay } from "../../api/may";
import { queries } from "../../api/queries";
import type { User } from "../../api/types";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Avatar, roleName } from "../../ui/people";
import { Kept, Section, Trouble } from "../../ui/section";
import { Select } from "../../ui/select";

/** Whom to add: everybody who does not see the project yet. */
function AddMember({ members, onAdd }: { members: User[]; onAdd: (id: string) => void }) {
  const { data } = useQuery(queries.users());
  const [chosen, setChosen] = useState("");
  const others = (data?.items ?? []).filter(
    ({ id, role, deactivatedAt }) =>
      role !== "admin" && !deactivatedAt && !members.some((member) => member.id === id),
  );
  if (!data) return null;
  if (others.length === 0) {
    return <p className="text-small text-oma-subtle">Everybody on this server sees this project.</p>;
  }
  const id = others.some((one) => one.id === chosen) ? chosen : "";
  return (
    <form
      className="flex flex-wrap gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (id !== "") onAdd(id);
      }}
    >
      <Select
        label="Person to add"
        className="min-w-[220px] max-desk:flex-1"
        value={id}
        options={[
          { value: "", name: "Choose a person" },
          ...others.map((one) => ({
            value: one.id,
            name: `${one.name}, ${roleName(one.role).toLowerCase()}`,
          })),
        ]}
        onChange={setChosen}
      />
      <Button type="submit" disabled={id === ""}>
        Add
      </Button>
    </form>
  );
}

/** Who sees the project, beside the administrators. */
export function MembersSection({ projectId, name }: { projectId: string; name: string }) {
  const client = useQueryClient();
  const { write } = useMay();
  const { data: me } = useQuery(queries.me());
  const { data, error } = useQuery(queries.members(projectId));
  const [removing, setRemoving] = useState<User | null>(null);
  const again = () => client.invalidateQueries({ queryKey: ["members", projectId] });
  const add = useMutation({ mutationFn: (id: string) => addMember(projectId, id), onSettled: again });
  const remove = useMutation({ mutationFn: (id: string) => removeMember(projectId, id), onSettled: again });
  const problem = error ?? add.error ?? remove.error;
  return (
    <Section
      title="Members"
      about="Who knows of this project: developers work in it, viewers read. Administrators see every project."
    >
      {problem && <Trouble>{asProblem(problem).message}</Trouble>}
      {data?.items.length === 0 && <p className="text-oma-muted">Nobody but the administrators.</p>}
      {data && data.items.length > 0 && (
        <div>
          {data.items.map((user) => (
            <Kept
              key={user.id}
              actions={
                write && (
                  <Button
                    size="small"
                    kind="danger"
                    aria-label={`Remove ${user.name}`}
                    onClick={() => {
                      setRemoving(user);
                    }}
                  >
                    {user.id === me?.id ? "Leave" : "Remove"}
                  </Button>
                )
              }
            >
              <Avatar name={user.name} />
              <span className="min-w-0 truncate">{user.name}</span>
              <span className="flex-none text-small text-oma-subtle">
                {roleName(user.role)}
                {user.id === me?.id && " · you"}
              </span>
            </Kept>
          ))}
        </div>
      )}
      {data && write && <AddMember members={data.items} onAdd={add.mutate} />}
      {removing && (
        <Confirm
          title={removing.id === me?.id ? `Leave ${name}?` : `Remove ${removing.name} from ${name}?`}
          description={
            removing.id === me?.id
              ? "You will not see it any more. Another member or an administrator can add you again."
              : "They will not see it any more, at once. What they wrote stays, and they can be added again."
          }
          action={removing.id === me?.id ? "Leave" : "Remove"}
          onConfirm={() => {
            remove.mutate(removing.id);
          }}
          onClose={() => {
            setRemoving(null);
          }}
        />
      )}
    </Section>
  );
}
