import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { queries } from "../../api/queries";
import { Enso, Mascot } from "../../ui/mascots";

// What this version does not do yet: each place says what will stand there.

function Later({ tab, mascot, title, text }: { tab: string; mascot: string; title: string; text: string }) {
  const { projectId = "" } = useParams({ strict: false });
  const { data } = useQuery(queries.project(projectId));
  const name = data?.name ?? "Project";
  useEffect(() => {
    document.title = `${tab} · ${name} · Omakase`;
  }, [tab, name]);
  return (
    <section aria-label={tab} className="grid justify-items-center gap-4 px-6 pt-16 pb-10 text-center">
      <span className="relative grid place-items-center text-oma-line">
        <Enso size={132} />
        <span className="absolute">
          <Mascot role={mascot} size={64} asleep />
        </span>
      </span>
      <h2 className="font-serif text-h2 tracking-[-.008em]">{title}</h2>
      <p className="max-w-[440px] text-balance text-oma-muted">{text}</p>
    </section>
  );
}

export function FeaturesTab() {
  return (
    <Later
      tab="Features"
      mascot="architect"
      title="No board yet"
      text="Here the team will take a feature from its description to a reviewed branch. Until then, ask one of the agents in a conversation."
    />
  );
}

export function WorkloadsTab() {
  return (
    <Later
      tab="Workloads"
      mascot="tester"
      title="Nothing deployed is known yet"
      text="Here you will ask an agent about what you have deployed, with its logs at hand."
    />
  );
}

export function CostsTab() {
  return (
    <Later
      tab="Costs"
      mascot="coder"
      title="No ledger yet"
      text="Here spending will stand by day, agent and model. Until then, Mission Control shows what each run has cost."
    />
  );
}
