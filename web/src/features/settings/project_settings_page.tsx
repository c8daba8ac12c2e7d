import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ChevronLeft, Unplug } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import { asProblem } from "../../api/client";
import { queries } from "../../api/queries";
import { Button } from "../../ui/button";
import { Delayed } from "../../ui/parts";
import { NetworkSection, TrustSection } from "./confinement_section";
import { ModelsSection } from "./models_section";
import { RepositorySection } from "./repository_section";
import { RulesSection } from "./rules_section";
import { TokenSection } from "./token_section";
import { VariablesSection } from "./variables_section";

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

/** Everything about a project that is set once and then left. */
export function ProjectSettingsPage() {
  const { projectId = "" } = useParams({ strict: false });
  const { data: project, error, refetch } = useQuery(queries.project(projectId));
  const name = project?.name ?? "Project";
  useEffect(() => {
    document.title = `Settings · ${name} · Omakase`;
  }, [name]);
  let content: ReactNode = <Skeletons />;
  if (project) {
    content = (
      <>
        <RepositorySection key={project.id} project={project} />
        <TokenSection project={project} />
        <VariablesSection projectId={project.id} />
        <NetworkSection project={project} />
        <TrustSection project={project} />
        <RulesSection projectId={project.id} />
        <ModelsSection />
      </>
    );
  } else if (error) content = <NotLoaded error={error} onRetry={() => void refetch()} />;
  return (
    <main className="h-dvh overflow-y-auto px-10 pt-8 pb-16 pl-7 max-desk:px-4 max-desk:pt-4 max-desk:pb-26">
      <div className="mx-auto max-w-[760px]">
        <header className="mb-5">
          <Link
            to="/projects/$projectId"
            params={{ projectId }}
            className="-ml-1 inline-flex min-h-8 items-center gap-1 text-small text-oma-muted hover:text-oma-text max-desk:min-h-11"
          >
            <ChevronLeft size={16} aria-hidden="true" />
            {name}
          </Link>
          <h1 className="font-serif text-h1 tracking-[-.012em] max-desk:text-h1-phone">Settings</h1>
        </header>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-2">{content}</div>
      </div>
    </main>
  );
}
