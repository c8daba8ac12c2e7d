import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Unplug } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import { asProblem } from "../../api/client";
import { useMay } from "../../api/may";
import { queries } from "../../api/queries";
import type { Project } from "../../api/types";
import { Button } from "../../ui/button";
import { Delayed } from "../../ui/parts";
import { NetworkSection, TrustSection } from "./confinement_section";
import { MembersSection } from "./members_section";
import { ModelsSection } from "./models_section";
import { RepositorySection } from "./repository_section";
import { RulesSection } from "./rules_section";
import { TokenSection } from "./token_section";
import { VariablesSection } from "./variables_section";
import { WebhookSection } from "./webhook_section";

function NotLoaded({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <section role="alert" className="sheet grid justify-items-center gap-3.5 px-6 py-14 text-center">
      <span className="is-error tint grid size-11 place-items-center rounded-full">
        <Unplug size={20} aria-hidden="true" />
      </span>
      <p className="font-serif text-h3">The settings did not load</p>
      <p className="max-w-[320px] text-balance text-oma-muted">{asProblem(error).message}</p>
      <Button onClick={onRetry}>Try again now</Button>
    </section>
  );
}

function Skeletons() {
  return (
    <Delayed>
      <section aria-busy="true" aria-label="Loading the settings" className="sheet grid gap-3 px-6 py-5">
        <span className="skeleton h-6 w-1/4" />
        <span className="skeleton h-9 w-full" />
        <span className="skeleton h-9 w-full" />
      </section>
    </Delayed>
  );
}

/** What the person may set; the rest is named, so that nobody looks for it. */
function Sections({ project }: { project: Project }) {
  const { write, administer } = useMay();
  const members = <MembersSection projectId={project.id} name={project.name} />;
  const note = "mt-2 px-6 text-small text-oma-subtle max-desk:px-4";
  if (!write) {
    return (
      <>
        {members}
        <p className={note}>Developers and administrators set up the project.</p>
      </>
    );
  }
  return (
    <>
      <RepositorySection key={project.id} project={project} />
      {members}
      <TokenSection project={project} />
      <VariablesSection projectId={project.id} />
      {administer && <WebhookSection projectId={project.id} />}
      {administer && <NetworkSection project={project} />}
      {administer && <TrustSection project={project} />}
      <RulesSection projectId={project.id} />
      {administer ? (
        <ModelsSection />
      ) : (
        <p className={note}>
          Network, trust, the webhook and the agents’ models are for an administrator to set.
        </p>
      )}
    </>
  );
}

/** Everything about a project that is set once and then left. */
export function SettingsTab() {
  const { projectId = "" } = useParams({ strict: false });
  const { data: project, error, refetch } = useQuery(queries.project(projectId));
  const name = project?.name ?? "Project";
  useEffect(() => {
    document.title = `Settings · ${name} · Omakase`;
  }, [name]);
  let content: ReactNode = <Skeletons />;
  if (project) content = <Sections project={project} />;
  else if (error) content = <NotLoaded error={error} onRetry={() => void refetch()} />;
  return (
    <section aria-labelledby="settings" className="mx-auto max-w-[760px]">
      <h2 id="settings" className="mt-[26px] mb-4 font-serif text-h2 tracking-[-.008em] max-desk:mt-2.5">
        Settings
      </h2>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-2">{content}</div>
    </section>
  );
}
