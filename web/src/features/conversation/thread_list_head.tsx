import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronLeft, Search, Settings, SquarePen } from "lucide-react";
import { useMay } from "../../api/may";
import { queries } from "../../api/queries";

const headLink =
  "grid size-8 flex-none place-items-center rounded-sm text-oma-muted hover:bg-oma-select hover:text-oma-text max-desk:size-11 max-desk:rounded-lg";

/** The project's name, and what can be done with its conversations. */
export function ThreadListHead({
  projectId,
  searching,
  onSearch,
}: {
  projectId: string;
  searching: boolean;
  onSearch: () => void;
}) {
  const project = useQuery(queries.project(projectId));
  const { write } = useMay();
  return (
    <header className="flex items-center gap-2 pr-2 pb-3 pl-2.5 max-desk:pl-0">
      <Link
        to="/projects/$projectId"
        params={{ projectId }}
        aria-label="Back to the project"
        className="hidden size-11 flex-none place-items-center rounded-lg text-oma-muted max-desk:grid"
      >
        <ChevronLeft size={20} aria-hidden="true" />
      </Link>
      <h2 className="min-w-0 flex-1 truncate font-serif text-h3">
        <Link to="/projects/$projectId" params={{ projectId }} className="underline-offset-4 hover:underline">
          {project.data?.name ?? ""}
        </Link>
      </h2>
      <Link
        to="/projects/$projectId/settings"
        params={{ projectId }}
        aria-label="Project settings"
        title="Project settings"
        className={headLink}
      >
        <Settings size={16} aria-hidden="true" />
      </Link>
      <button
        type="button"
        aria-label="Search the conversations"
        title="Search the conversations (/)"
        aria-pressed={searching}
        onClick={onSearch}
        className={`${headLink} aria-pressed:bg-oma-select aria-pressed:text-oma-text`}
      >
        <Search size={16} aria-hidden="true" />
      </button>
      {write && (
        <Link
          to="/projects/$projectId/threads"
          params={{ projectId }}
          search={{ compose: true }}
          aria-label="New thread"
          title="New thread"
          className={headLink}
        >
          <SquarePen size={16} aria-hidden="true" />
        </Link>
      )}
    </header>
  );
}
