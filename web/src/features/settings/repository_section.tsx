import { useState } from "react";
import type { Project } from "../../api/types";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { Section } from "../../ui/section";
import { useProjectChange } from "./use_project_change";

/** The project's name and where its source comes from. */
export function RepositorySection({ project }: { project: Project }) {
  const [name, setName] = useState(project.name);
  const [repoUrl, setRepoUrl] = useState(project.repoUrl ?? "");
  const [branch, setBranch] = useState(project.defaultBranch ?? "");
  const { mutate, isPending, isSuccess, problem } = useProjectChange(project.id);
  const values = {
    ...(name.trim() !== project.name ? { name: name.trim() } : {}),
    ...(repoUrl.trim() !== (project.repoUrl ?? "") ? { repoUrl: repoUrl.trim() } : {}),
    ...(branch.trim() !== (project.defaultBranch ?? "") ? { defaultBranch: branch.trim() || null } : {}),
  };
  const changed = Object.keys(values).length > 0;
  const of = (field: string) => (problem?.field === field ? problem.message : null);
  const elsewhere = problem && !["name", "repoUrl", "defaultBranch"].includes(problem.field ?? "");
  return (
    <Section title="Repository">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (changed) mutate(values);
        }}
      >
        <Field label="Name" value={name} onChange={setName} problem={of("name")} />
        <Field
          label="Repository URL"
          code
          value={repoUrl}
          onChange={setRepoUrl}
          problem={of("repoUrl")}
          hint="https, ssh, or a folder on this machine. The next session takes it up."
        />
        <Field
          label="Branch"
          code
          value={branch}
          placeholder="the repository’s own"
          onChange={setBranch}
          problem={of("defaultBranch")}
        />
        <div className="flex items-center gap-3">
          <Button type="submit" kind="solid" disabled={!changed || isPending || name.trim() === ""}>
            {isPending ? "Saving…" : "Save"}
          </Button>
          <p role="status" className="text-small text-oma-muted">
            {isSuccess && !changed && "Saved."}
            {elsewhere && <span className="text-oma-error-ink">Not saved. {problem.message}</span>}
          </p>
        </div>
      </form>
    </Section>
  );
}
