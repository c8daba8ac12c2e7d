import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { GitBranch } from "lucide-react";
import { useId, useRef, useState } from "react";
import { createProject } from "../../api/calls";
import { asProblem } from "../../api/client";
import { Button } from "../../ui/button";

/** One field, one button: a project from a repository. */
export function RepositoryForm() {
  const [repoUrl, setRepoUrl] = useState("");
  const client = useQueryClient();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const hintId = useId();
  const create = useMutation({
    mutationFn: () => createProject({ repoUrl: repoUrl.trim() }),
    onSuccess: async (project) => {
      await client.invalidateQueries({ queryKey: ["projects"] });
      await navigate({
        to: "/projects/$projectId/threads",
        params: { projectId: project.id },
        search: { compose: true },
      });
    },
  });
  const problem = create.error ? asProblem(create.error) : null;
  return (
    <form
      className="grid w-full max-w-[520px] gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (repoUrl.trim() === "") input.current?.focus();
        else if (!create.isPending) create.mutate();
      }}
    >
      <div className="flex gap-2 max-desk:flex-col">
        <label className="flex h-11 min-w-0 flex-1 items-center gap-2 rounded-md border border-oma-outline bg-oma-well px-3 text-oma-subtle focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-oma-focus max-desk:flex-none">
          <GitBranch size={16} className="flex-none" aria-hidden="true" />
          <input
            ref={input}
            aria-label="Repository URL"
            aria-invalid={problem ? true : undefined}
            aria-describedby={hintId}
            inputMode="url"
            autoComplete="off"
            spellCheck={false}
            placeholder="https://git.example.com/you/repository"
            value={repoUrl}
            onChange={(event) => {
              setRepoUrl(event.target.value);
            }}
            className="min-w-0 flex-1 bg-transparent text-oma-text outline-none max-desk:text-input"
          />
        </label>
        <Button
          kind="solid"
          type="submit"
          className="h-11!"
          disabled={repoUrl.trim() === "" || create.isPending}
        >
          {create.isPending ? "Creating…" : "Create project"}
        </Button>
      </div>
      <p id={hintId} className="text-left text-small text-oma-subtle" role={problem ? "alert" : undefined}>
        {problem ? (
          <span className="text-oma-error-ink">{problem.message}</span>
        ) : (
          "https, ssh, or a folder on this machine."
        )}
      </p>
    </form>
  );
}
