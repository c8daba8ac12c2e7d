import { Link } from "@tanstack/react-router";
import { teammateOf, useTeam } from "../../api/team";
import type { Agent, Project } from "../../api/types";
import { Mascot } from "../../ui/mascots";
import { Dot, NeedsYou } from "../../ui/parts";
import { RelativeTime } from "../../ui/time";
import { shortUrl } from "../../ui/words";

const doing: Record<string, string> = {
  started: "is starting",
  thinking: "is thinking",
  coding: "is coding",
  reviewing: "is reviewing",
  testing: "is testing",
};

const wants = { permission: "asks permission", question: "has a question", error: "ran into an error" };

function Now({ project, team }: { project: Project; team: readonly Agent[] }) {
  const run = project.activeRun;
  if (project.attention) {
    const who = run ? teammateOf(team, run.agentName).displayName : "An agent";
    return (
      <span className="inline-flex min-w-0 max-w-full items-center gap-2 text-small font-medium">
        <NeedsYou />
        <span className="truncate text-oma-muted">
          {who} {wants[project.attention]}
        </span>
      </span>
    );
  }
  if (!run) {
    return (
      <span className="is-idle inline-flex items-center gap-[7px] text-small font-medium text-oma-muted">
        <Dot shape="hollow" />
        Quiet
      </span>
    );
  }
  const { displayName, role } = teammateOf(team, run.agentName);
  return (
    <span
      className={`${run.busy ? `is-${role}` : "is-ok"} inline-flex items-center gap-[7px] text-small font-medium`}
    >
      <Dot shape={run.busy ? "live" : "solid"} />
      {run.busy ? `${displayName} ${doing[run.status] ?? "is at work"}` : `${displayName} waits for you`}
    </span>
  );
}

function ProjectRow({ project, team }: { project: Project; team: readonly Agent[] }) {
  const run = project.activeRun;
  return (
    <Link
      to="/projects/$projectId"
      params={{ projectId: project.id }}
      className="grid grid-cols-[minmax(0,1.35fr)_minmax(0,1.15fr)_92px_64px] items-center gap-5 px-[22px] py-[17px] transition-colors duration-150 first:rounded-t-[15px] last:rounded-b-[15px] hover:bg-oma-hover max-desk:grid-cols-[minmax(0,1fr)_auto] max-desk:gap-x-3 max-desk:gap-y-2 max-desk:px-4 max-desk:py-3.5"
    >
      <span className="min-w-0">
        <span className="block truncate font-serif text-title">{project.name}</span>
        <span className="block truncate font-mono text-micro text-oma-subtle">
          {project.repoUrl ? shortUrl(project.repoUrl) : "no repository"}
        </span>
      </span>
      <span className="min-w-0 max-desk:order-last max-desk:col-span-2">
        <Now project={project} team={team} />
      </span>
      <span className="max-desk:justify-self-end">
        {run ? (
          <Mascot role={teammateOf(team, run.agentName).role} size={28} />
        ) : (
          <span className="text-small text-oma-subtle">all asleep</span>
        )}
      </span>
      <span className="text-right max-desk:hidden">
        {project.lastActivityAt && <RelativeTime at={project.lastActivityAt} />}
      </span>
    </Link>
  );
}

/** The projects with what goes on in them now; those that need a person first. */
export function ProjectList({ projects }: { projects: Project[] }) {
  const team = useTeam();
  // Sorting keeps the order among equals: the latest activity first.
  const ordered = [...projects].sort((a, b) => Number(b.attention !== null) - Number(a.attention !== null));
  return (
    <section aria-label="Projects" className="sheet divide-y divide-oma-line">
      {ordered.map((project) => (
        <ProjectRow key={project.id} project={project} team={team} />
      ))}
    </section>
  );
}
