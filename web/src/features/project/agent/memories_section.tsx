import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addMemory, deleteMemory } from "../../../api/calls";
import { asProblem } from "../../../api/client";
import { useMay } from "../../../api/may";
import { queries } from "../../../api/queries";
import type { Agent, Memory } from "../../../api/types";
import { Button } from "../../../ui/button";
import { Confirm } from "../../../ui/dialog";
import { Field } from "../../../ui/field";
import { Delayed } from "../../../ui/parts";
import { showHidden } from "../../../ui/plain_text";
import { Kept, Section, Trouble } from "../../../ui/section";
import { RelativeTime } from "../../../ui/time";

function MemoryForm({ projectId, agent }: { projectId: string; agent: Agent }) {
  const client = useQueryClient();
  const [content, setContent] = useState("");
  const add = useMutation({
    mutationFn: () => addMemory(agent.name, projectId, content.trim()),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["memories", projectId, agent.name] });
      setContent("");
    },
  });
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (content.trim() !== "") add.mutate();
      }}
    >
      <Field
        label="Something to remember"
        lines={2}
        value={content}
        placeholder="The tests need the database to run first."
        onChange={setContent}
        problem={add.error && `Not added. ${asProblem(add.error).message}`}
      />
      <div>
        <Button type="submit" disabled={content.trim() === "" || add.isPending}>
          {add.isPending ? "Adding…" : "Add it"}
        </Button>
      </div>
    </form>
  );
}

/** What the agent knows of this project when a session begins. */
export function MemoriesSection({ projectId, agent }: { projectId: string; agent: Agent }) {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(queries.memories(projectId, agent.name));
  const { write } = useMay();
  const [removing, setRemoving] = useState<Memory | null>(null);
  const remove = useMutation({
    mutationFn: (memoryId: string) => deleteMemory(agent.name, memoryId),
    onSettled: () => client.invalidateQueries({ queryKey: ["memories", projectId, agent.name] }),
  });
  const problem = error ?? remove.error;
  return (
    <Section
      title="Memories"
      about={`What ${agent.displayName} knows of this project when a session begins.`}
    >
      {problem && (
        <Trouble onRetry={error ? () => void refetch() : undefined}>{asProblem(problem).message}</Trouble>
      )}
      {!data && !error && (
        <Delayed>
          <span className="skeleton h-11 w-full" />
        </Delayed>
      )}
      {data?.items.length === 0 && <p className="text-oma-muted">Nothing yet.</p>}
      {data && data.items.length > 0 && (
        <div>
          {data.items.map((memory) => (
            <Kept
              key={memory.id}
              actions={
                write && (
                  <Button
                    size="small"
                    kind="danger"
                    aria-label={`Delete the memory “${memory.content.slice(0, 60)}”`}
                    disabled={remove.isPending}
                    onClick={() => {
                      setRemoving(memory);
                    }}
                  >
                    Delete
                  </Button>
                )
              }
            >
              <p className="min-w-0 flex-1 py-1 wrap-anywhere whitespace-pre-wrap">
                {showHidden(memory.content)} <RelativeTime at={memory.createdAt} className="ml-1" />
              </p>
            </Kept>
          ))}
        </div>
      )}
      {data && write && <MemoryForm projectId={projectId} agent={agent} />}
      {removing && (
        <Confirm
          title="Delete this memory?"
          description={
            <span className="line-clamp-6 wrap-anywhere whitespace-pre-wrap">
              {showHidden(removing.content)}
            </span>
          }
          action="Delete it"
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
