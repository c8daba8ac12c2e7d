import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changePersonality, resetPersonality } from "../../../api/calls";
import { asProblem } from "../../../api/client";
import { useMay } from "../../../api/may";
import { queries } from "../../../api/queries";
import type { Agent, Personality } from "../../../api/types";
import { Button } from "../../../ui/button";
import { useDraft } from "../../../ui/drafts";
import { Confirm } from "../../../ui/dialog";
import { Field } from "../../../ui/field";
import { Markdown } from "../../../ui/markdown";
import { Delayed } from "../../../ui/parts";
import { Section, Trouble } from "../../../ui/section";

function PersonalityForm({ personality, onDone }: { personality: Personality; onDone: () => void }) {
  const client = useQueryClient();
  const { agentName } = personality;
  // Who leaves the page comes back to what they had written.
  const [draft, setDraft] = useDraft(`personality.${agentName}`);
  const [content, setContent] = useState(draft === "" ? personality.content : draft);
  const save = useMutation({
    mutationFn: () => changePersonality(agentName, content),
    onSuccess: (changed) => {
      setDraft("");
      client.setQueryData(["personality", agentName], changed);
      onDone();
    },
  });
  const changed = content.trim() !== "" && content !== personality.content;
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed) save.mutate();
      }}
    >
      <Field
        label="Who it is, in Markdown"
        lines={14}
        focused
        value={content}
        onChange={(text) => {
          setContent(text);
          setDraft(text);
        }}
        problem={save.error && `Not saved. ${asProblem(save.error).message}`}
        hint="Sessions that run keep the one they began with."
      />
      <div className="flex gap-2">
        <Button type="submit" kind="solid" disabled={!changed || save.isPending}>
          {save.isPending ? "Saving…" : "Save"}
        </Button>
        <Button
          kind="ghost"
          onClick={() => {
            setDraft("");
            onDone();
          }}
        >
          Cancel
        </Button>
      </div>
    </form>
  );
}

/** Who the agent is, in words that a person can change and take back. */
export function PersonalitySection({ agent }: { agent: Agent }) {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(queries.personality(agent.name));
  const { administer } = useMay();
  const [draft] = useDraft(`personality.${agent.name}`);
  const [editing, setEditing] = useState(draft !== "");
  const [resetting, setResetting] = useState(false);
  const reset = useMutation({
    mutationFn: () => resetPersonality(agent.name),
    onSuccess: (own) => {
      client.setQueryData(["personality", agent.name], own);
    },
  });
  return (
    <Section
      title="Personality"
      about="Its next session takes it up, in every project."
      mark={
        data &&
        !data.isDefault && (
          <span className="is-idle tint inline-flex h-[18px] items-center rounded-full px-[7px] text-tiny font-medium">
            Changed
          </span>
        )
      }
      actions={
        data &&
        administer &&
        !editing && (
          <>
            {!data.isDefault && (
              <Button
                size="small"
                kind="ghost"
                disabled={reset.isPending}
                onClick={() => {
                  setResetting(true);
                }}
              >
                Reset
              </Button>
            )}
            <Button
              size="small"
              onClick={() => {
                setEditing(true);
              }}
            >
              Edit
            </Button>
          </>
        )
      }
    >
      {data ? (
        editing ? (
          <PersonalityForm
            personality={data}
            onDone={() => {
              setEditing(false);
            }}
          />
        ) : (
          <Markdown text={data.content} />
        )
      ) : error ? (
        <Trouble onRetry={() => void refetch()}>{asProblem(error).message}</Trouble>
      ) : (
        <Delayed>
          <span className="skeleton h-24 w-full" />
        </Delayed>
      )}
      {reset.error && <Trouble>Not reset. {asProblem(reset.error).message}</Trouble>}
      {resetting && (
        <Confirm
          title={`Reset ${agent.displayName}’s personality?`}
          description={`What was written in its place is gone then. ${agent.displayName}’s own comes back with the next session, in every project.`}
          action="Reset it"
          onConfirm={() => {
            reset.mutate();
          }}
          onClose={() => {
            setResetting(false);
          }}
        />
      )}
    </Section>
  );
}
