import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addToken } from "../../api/calls";
import { asProblem } from "../../api/client";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { SelectField } from "../../ui/select";

const lives = [
  { value: "30", name: "30 days" },
  { value: "90", name: "90 days" },
  { value: "365", name: "A year" },
  { value: "", name: "Until revoked" },
];

/** The time so many days from now, as the server writes times. */
function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().replace("Z", "000Z");
}

/** A new token: what it is for, and how long. */
export function AddToken({
  onMade,
  onClose,
}: {
  onMade: (name: string, secret: string) => void;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const make = useMutation({
    mutationFn: () =>
      addToken({ name: name.trim(), ...(days === "" ? {} : { expiresAt: inDays(Number(days)) }) }),
    onSuccess: async ({ token, secret }) => {
      await client.invalidateQueries({ queryKey: ["tokens"] });
      onMade(token.name, secret);
    },
  });
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "") make.mutate();
      }}
    >
      <div className="grid gap-3 desk:grid-cols-[minmax(0,1fr)_180px]">
        <Field
          label="What it is for"
          focused
          placeholder="Nightly build"
          value={name}
          onChange={setName}
          problem={make.error ? asProblem(make.error).message : null}
        />
        <SelectField label="Good for" value={days} options={lives} onChange={setDays} />
      </div>
      <div className="flex gap-2">
        <Button type="submit" kind="solid" disabled={name.trim() === "" || make.isPending}>
          {make.isPending ? "Making…" : "Make it"}
        </Button>
        <Button kind="ghost" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
