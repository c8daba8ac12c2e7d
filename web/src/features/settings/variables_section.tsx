import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteVariable, setVariable } from "../../api/calls";
import { asProblem } from "../../api/client";
import { queries } from "../../api/queries";
import type { Variable } from "../../api/types";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { RelativeTime } from "../../ui/time";
import { Kept, Section, Trouble } from "../../ui/section";

/** A new variable, or a new value for one. */
function VariableForm({
  projectId,
  variable,
  onDone,
}: {
  projectId: string;
  variable: string | null;
  onDone: () => void;
}) {
  const client = useQueryClient();
  const [name, setName] = useState(variable ?? "");
  const [value, setValue] = useState("");
  const keep = useMutation({
    mutationFn: () => setVariable(projectId, name.trim(), value),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["variables", projectId] });
      onDone();
    },
  });
  const problem = keep.error ? asProblem(keep.error) : null;
  const named = problem?.code === "invalid_name";
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "") keep.mutate();
      }}
    >
      {variable === null && (
        <Field
          label="Name"
          code
          focused
          placeholder="DATABASE_URL"
          value={name}
          onChange={setName}
          problem={named ? problem.message : null}
        />
      )}
      <Field
        label={variable === null ? "Value" : `New value of ${variable}`}
        code
        lines={2}
        value={value}
        onChange={setValue}
        problem={named ? null : problem?.message}
        hint="It can be replaced, never read again here. Sessions that start from now on have it."
      />
      <div className="flex gap-2">
        <Button type="submit" kind="solid" disabled={name.trim() === "" || keep.isPending}>
          {keep.isPending ? "Keeping…" : "Keep it"}
        </Button>
        <Button kind="ghost" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

function VariableRow({
  variable,
  onReplace,
  onRemove,
}: {
  variable: Variable;
  onReplace: () => void;
  onRemove: () => void;
}) {
  return (
    <Kept
      actions={
        <>
          <Button size="small" aria-label={`Replace ${variable.name}`} onClick={onReplace}>
            Replace
          </Button>
          <Button size="small" kind="danger" aria-label={`Remove ${variable.name}`} onClick={onRemove}>
            Remove
          </Button>
        </>
      }
    >
      <code className="min-w-0 truncate font-mono text-micro">{variable.name}</code>
      <RelativeTime at={variable.updatedAt} />
    </Kept>
  );
}

/** What the agent's shell finds in its environment. */
export function VariablesSection({ projectId }: { projectId: string }) {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(queries.variables(projectId));
  const [writing, setWriting] = useState<{ name: string | null } | null>(null);
  const [removing, setRemoving] = useState<string | null>(null);
  const remove = useMutation({
    mutationFn: (name: string) => deleteVariable(projectId, name),
    onSettled: () => client.invalidateQueries({ queryKey: ["variables", projectId] }),
  });
  const problem = error ?? remove.error;
  return (
    <Section
      title="Variables"
      about="For the agents’ shell, and for nothing else: the address of a database for tests, say. What an agent runs can read them, so keep what it must not have out of here."
    >
      {problem && (
        <Trouble onRetry={error ? () => void refetch() : undefined}>{asProblem(problem).message}</Trouble>
      )}
      {data && data.items.length > 0 && (
        <div>
          {data.items.map((variable) => (
            <VariableRow
              key={variable.name}
              variable={variable}
              onReplace={() => {
                setWriting({ name: variable.name });
              }}
              onRemove={() => {
                setRemoving(variable.name);
              }}
            />
          ))}
        </div>
      )}
      {data?.items.length === 0 && !writing && <p className="text-oma-muted">None yet.</p>}
      {writing ? (
        <VariableForm
          key={writing.name}
          projectId={projectId}
          variable={writing.name}
          onDone={() => {
            setWriting(null);
          }}
        />
      ) : (
        <div>
          <Button
            size="small"
            onClick={() => {
              setWriting({ name: null });
            }}
          >
            Add a variable
          </Button>
        </div>
      )}
      {removing && (
        <Confirm
          title={`Remove ${removing}?`}
          description="Its value is gone then: nobody can read it here. Sessions that run keep it until they end."
          action="Remove it"
          onConfirm={() => {
            remove.mutate(removing);
          }}
          onClose={() => {
            setRemoving(null);
          }}
        />
      )}
    </Section>
  );
}
