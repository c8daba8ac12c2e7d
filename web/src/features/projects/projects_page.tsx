import { useQuery } from "@tanstack/react-query";
import { Plus, Search, Unplug } from "lucide-react";
import { useEffect, useState } from "react";
import { asProblem, type Problem } from "../../api/client";
import { useMay } from "../../api/may";
import { queries } from "../../api/queries";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Enso, Mascot } from "../../ui/mascots";
import { Delayed } from "../../ui/parts";
import { DoctorCard } from "./doctor_card";
import { PracticeBanner } from "./practice_banner";
import { ProjectList } from "./project_list";
import { RepositoryForm } from "./repository_form";

function EmptyCounter() {
  const { write } = useMay();
  return (
    <section
      aria-label="No projects yet"
      className="sheet grid justify-items-center gap-[18px] px-6 pt-11 pb-[52px] text-center"
    >
      <span className="relative grid size-[212px] place-items-center text-oma-line">
        <Enso size={212} />
        <span className="absolute flex -space-x-1">
          {["architect", "coder", "reviewer", "tester"].map((role) => (
            <Mascot key={role} role={role} size={36} asleep />
          ))}
        </span>
      </span>
      <div>
        <h2 className="font-serif text-h2 tracking-[-.008em]">Four cooks, an empty counter</h2>
        <p className="mx-auto mt-1.5 max-w-[400px] text-balance text-oma-muted">
          {write
            ? "Give them a repository. They read it, you talk with them, and nothing is pushed unless you push it."
            : "You are not a member of a project yet. Ask an administrator to add you to one."}
        </p>
      </div>
      {write && <RepositoryForm />}
    </section>
  );
}

function NotLoaded({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  return (
    <section role="alert" className="sheet grid justify-items-center gap-3.5 px-6 py-14 text-center">
      <span className="is-error tint grid size-11 place-items-center rounded-full">
        <Unplug size={20} aria-hidden="true" />
      </span>
      <p className="font-serif text-h3">The projects did not load</p>
      <p className="max-w-[320px] text-balance text-oma-muted">{problem.message} Nothing is lost.</p>
      <Button onClick={onRetry}>Try again now</Button>
      <p className="font-mono text-micro text-oma-subtle">
        {problem.status || "no answer"}
        {problem.requestId && ` · request ${problem.requestId}`}
      </p>
    </section>
  );
}

function Skeletons() {
  return (
    <Delayed>
      <section aria-busy="true" aria-label="Loading the projects" className="sheet divide-y divide-oma-line">
        {[0, 1, 2].map((row) => (
          <div key={row} className="grid gap-2 px-[22px] py-[19px]">
            <span className="skeleton h-6 w-1/4" />
            <span className="skeleton h-3.5 w-1/3" />
          </div>
        ))}
      </section>
    </Delayed>
  );
}

export function ProjectsPage({ onSearch }: { onSearch: () => void }) {
  const { data, error, refetch } = useQuery(queries.projects());
  const { write, administer } = useMay();
  const [adding, setAdding] = useState(false);
  const projects = data?.items.filter((project) => !project.archivedAt) ?? [];
  const needed = projects.some((project) => project.attention !== null);
  useEffect(() => {
    document.title = `${needed ? "Needs you · " : ""}Projects · Omakase`;
  }, [needed]);
  return (
    <main className="h-dvh overflow-y-auto px-10 pt-8 pb-16 pl-7 max-desk:px-4 max-desk:pt-4 max-desk:pb-26">
      <div className="mx-auto max-w-[1180px]">
        <div className="mb-5 flex flex-wrap items-center gap-3.5">
          <div className="flex-1">
            <div
              lang="ja"
              aria-hidden="true"
              className="mb-0.5 font-jp text-small tracking-[.22em] text-oma-subtle"
            >
              お任せ
            </div>
            <h1 className="font-serif text-h1 tracking-[-.012em] max-desk:text-h1-phone">Projects</h1>
          </div>
          <button
            type="button"
            onClick={onSearch}
            className="flex h-[34px] w-60 items-center gap-2 rounded-md border border-oma-outline bg-oma-well px-[11px] text-left text-oma-subtle max-desk:hidden"
          >
            <Search size={16} aria-hidden="true" />
            <span className="flex-1">Search or jump to</span>
            <kbd>Ctrl K</kbd>
          </button>
          {projects.length > 0 && write && (
            <Button
              kind="solid"
              onClick={() => {
                setAdding(true);
              }}
            >
              <Plus size={16} aria-hidden="true" />
              New project
            </Button>
          )}
        </div>
        <PracticeBanner />
        <div
          className={`grid items-start gap-5 max-wide:grid-cols-1 max-desk:gap-3 ${administer ? "grid-cols-[minmax(0,1fr)_352px]" : "grid-cols-[minmax(0,1fr)]"}`}
        >
          {data ? (
            projects.length > 0 ? (
              <div>
                <ProjectList projects={projects} />
                {write && (
                  <button
                    type="button"
                    onClick={() => {
                      setAdding(true);
                    }}
                    className="flex min-h-11 items-center gap-2 px-[22px] py-3 text-small text-oma-muted hover:text-oma-text max-desk:px-4"
                  >
                    <Plus size={14} aria-hidden="true" />
                    Add your own repository
                  </button>
                )}
              </div>
            ) : (
              <EmptyCounter />
            )
          ) : error ? (
            <NotLoaded problem={asProblem(error)} onRetry={() => void refetch()} />
          ) : (
            <Skeletons />
          )}
          {administer && <DoctorCard />}
        </div>
      </div>
      {adding && (
        <Dialog
          title="New project"
          description="Give the team a repository. They work in a copy of their own."
          width="w-[560px]"
          onClose={() => {
            setAdding(false);
          }}
        >
          <RepositoryForm />
        </Dialog>
      )}
    </main>
  );
}
