import { useState } from "react";
import type { AgentNetwork, Project } from "../../api/types";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Section, Trouble } from "../../ui/section";
import { useProjectChange } from "./use_project_change";

const networks: { value: AgentNetwork | null; name: string; means: string }[] = [
  {
    value: null,
    name: "As the server is set",
    means: "The same for every project without a choice of its own",
  },
  {
    value: "internet",
    name: "The internet",
    means: "Packages and pages, but nothing on this machine and no cloud metadata",
  },
  { value: "model", name: "The model only", means: "Nothing but the answers themselves; installs then fail" },
  {
    value: "open",
    name: "Everything",
    means:
      "This machine’s own services too, such as a database on it. Anything that listens here can be reached",
  },
];

/** What of the network the agents reach. */
export function NetworkSection({ project }: { project: Project }) {
  const { mutate, problem } = useProjectChange(project.id);
  // What was just pressed stands at once, until the server has answered.
  const [pressed, setPressed] = useState<AgentNetwork | null>();
  const chosen = pressed === undefined ? project.agentNetwork : pressed;
  return (
    <Section
      title="Network"
      about="What the agents, and whatever they run, can reach. The next session takes it up."
    >
      <div role="radiogroup" aria-label="Network" className="grid gap-0.5">
        {networks.map(({ value, name, means }) => (
          <label
            key={name}
            className="-mx-2.5 flex min-h-11 cursor-pointer items-baseline gap-2.5 rounded-md px-2.5 py-2 hover:bg-oma-hover has-checked:bg-oma-select has-focus-visible:outline-2 has-focus-visible:outline-oma-focus"
          >
            <input
              type="radio"
              name="network"
              className="choice"
              checked={chosen === value}
              onChange={() => {
                setPressed(value);
                mutate(
                  { agentNetwork: value },
                  {
                    onSettled: () => {
                      setPressed(undefined);
                    },
                  },
                );
              }}
            />
            <span>
              {name}
              <span className="block text-small text-oma-muted">{means}</span>
            </span>
          </label>
        ))}
      </div>
      {problem && <Trouble>Not changed. {problem.message}</Trouble>}
    </Section>
  );
}

/** Whether the repository's own hooks, servers and settings run. */
export function TrustSection({ project }: { project: Project }) {
  const [asking, setAsking] = useState(false);
  const { mutate, isPending, problem } = useProjectChange(project.id);
  const trusted = project.trustRepository;
  return (
    <Section
      title="Trust"
      about="A repository can bring hooks, MCP servers and settings for the agent, which run without anybody being asked. They stay off unless you know all of them, and whoever can push there."
    >
      <div className="flex flex-wrap items-center gap-3">
        <span className="min-w-0 flex-1">
          {trusted ? (
            <span className="text-oma-warning-ink">
              The repository’s own hooks, servers and settings run.
            </span>
          ) : (
            "The repository’s own hooks, servers and settings do not run."
          )}
        </span>
        <Button
          size="small"
          kind={trusted ? "plain" : "danger"}
          disabled={isPending}
          onClick={() => {
            if (trusted) mutate({ trustRepository: false });
            else setAsking(true);
          }}
        >
          {trusted ? "Stop trusting it" : "Trust this repository…"}
        </Button>
      </div>
      {problem && <Trouble>Not changed. {problem.message}</Trouble>}
      {asking && (
        <Confirm
          title="Trust this repository?"
          description={
            <>
              What stands in its <code>.claude</code> folder and its <code>.mcp.json</code> then runs with
              every session, before and beside the agent, and can change what the agent may do. Anyone who can
              push to <b className="font-medium text-oma-text">{project.repoUrl ?? "it"}</b> decides what that
              is.
            </>
          }
          action="Trust it"
          onConfirm={() => {
            mutate({ trustRepository: true });
          }}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </Section>
  );
}
