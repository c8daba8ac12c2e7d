import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeAgent } from "../../api/calls";
import { asProblem } from "../../api/client";
import { queries } from "../../api/queries";
import type { Agent } from "../../api/types";
import { Button } from "../../ui/button";
import { Mascot } from "../../ui/mascots";
import { Section, Trouble } from "../../ui/section";

function AgentModelRow({ agent }: { agent: Agent }) {
  const client = useQueryClient();
  const [model, setModel] = useState(agent.model ?? "");
  const keep = useMutation({
    mutationFn: () => changeAgent(agent.name, { model: model.trim() || null }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["agents"] }),
  });
  const changed = model.trim() !== (agent.model ?? "");
  return (
    <form
      className="grid gap-1"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed) keep.mutate();
      }}
    >
      <div className="flex items-center gap-3">
        <Mascot role={agent.role} size={28} />
        <span className="w-20 flex-none truncate">
          {agent.displayName}
          <span className="block text-micro text-oma-subtle">{agent.role}</span>
        </span>
        <input
          aria-label={`${agent.displayName}’s model`}
          placeholder="as the server is set"
          value={model}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => {
            setModel(event.target.value);
          }}
          className="h-[34px] min-w-0 flex-1 rounded-md border border-oma-outline bg-oma-well px-3 font-mono text-micro placeholder:font-sans max-desk:h-11 max-desk:text-input"
        />
        <Button
          size="small"
          type="submit"
          className="h-[34px]! max-desk:h-11!"
          disabled={!changed || keep.isPending}
        >
          Save
        </Button>
      </div>
      {keep.error && <Trouble>Not saved. {asProblem(keep.error).message}</Trouble>}
    </form>
  );
}

/** Each agent's model, unless a conversation chooses another. */
export function ModelsSection() {
  const { data } = useQuery(queries.agents());
  return (
    <Section
      title="Models"
      about="Which model each agent answers with, in every project, unless a conversation chooses another. Empty: as the server is set."
    >
      <div className="grid gap-2.5">
        {data?.items.map((agent) => (
          <AgentModelRow key={agent.name} agent={agent} />
        ))}
      </div>
    </Section>
  );
}
