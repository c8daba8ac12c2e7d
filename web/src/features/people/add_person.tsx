import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addUser } from "../../api/calls";
import { asProblem } from "../../api/client";
import type { User, UserRole } from "../../api/types";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { roles } from "../../ui/people";
import { SelectField } from "../../ui/select";

/** A new person; their link comes next. */
export function AddPerson({ onAdded, onClose }: { onAdded: (user: User) => void; onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [role, setRole] = useState<UserRole>("developer");
  const add = useMutation({
    mutationFn: () => addUser({ name: name.trim(), role }),
    onSuccess: async (user) => {
      await client.invalidateQueries({ queryKey: ["users"] });
      onAdded(user);
    },
  });
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "") add.mutate();
      }}
    >
      <div className="grid gap-3 desk:grid-cols-[minmax(0,1fr)_180px]">
        <Field
          label="Name"
          focused
          value={name}
          onChange={setName}
          problem={add.error ? asProblem(add.error).message : null}
          hint="As the others know them."
        />
        <SelectField
          label="Role"
          value={role}
          options={roles}
          onChange={(value) => {
            setRole(value as UserRole);
          }}
        />
      </div>
      <div className="flex gap-2">
        <Button type="submit" kind="solid" disabled={name.trim() === "" || add.isPending}>
          {add.isPending ? "Adding…" : "Add and make a link"}
        </Button>
        <Button kind="ghost" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
