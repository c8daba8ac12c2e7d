import { KeyRound } from "lucide-react";
import { useState } from "react";
import type { Project } from "../../api/types";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Kept, Section, Trouble } from "../../ui/section";
import { useProjectChange } from "./use_project_change";

/** The token for a private repository: written, never read again. */
export function TokenSection({ project }: { project: Project }) {
  const [writing, setWriting] = useState(false);
  const [removing, setRemoving] = useState(false);
  const [token, setToken] = useState("");
  const { mutate, isPending, problem } = useProjectChange(project.id);
  const close = () => {
    setToken("");
    setWriting(false);
  };
  return (
    <Section
      title="Access token"
      about="For a private repository over https, if the credentials of this machine do not reach it. It is kept encrypted, used for clone and fetch, and never shown again; the agents see nothing of it."
    >
      {writing ? (
        <form
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (token.trim() !== "") mutate({ gitToken: token.trim() }, { onSuccess: close });
          }}
        >
          <Field
            label={project.hasGitToken ? "New token" : "Token"}
            secret
            code
            focused
            value={token}
            onChange={setToken}
            problem={problem?.message}
            hint="It needs to read the repository, and nothing more."
          />
          <div className="flex gap-2">
            <Button type="submit" kind="solid" disabled={token.trim() === "" || isPending}>
              {isPending ? "Keeping…" : "Keep it"}
            </Button>
            <Button kind="ghost" onClick={close}>
              Cancel
            </Button>
          </div>
        </form>
      ) : (
        <Kept
          actions={
            <>
              <Button
                size="small"
                onClick={() => {
                  setWriting(true);
                }}
              >
                {project.hasGitToken ? "Replace" : "Add a token"}
              </Button>
              {project.hasGitToken && (
                <Button
                  size="small"
                  kind="danger"
                  onClick={() => {
                    setRemoving(true);
                  }}
                >
                  Remove
                </Button>
              )}
            </>
          }
        >
          <KeyRound size={16} className="flex-none text-oma-subtle" aria-hidden="true" />
          <span className={project.hasGitToken ? "" : "text-oma-muted"}>
            {project.hasGitToken ? "A token is kept" : "None: git’s own credentials are used"}
          </span>
        </Kept>
      )}
      {!writing && problem && <Trouble>{problem.message}</Trouble>}
      {removing && (
        <Confirm
          title="Remove the token?"
          description="A private repository can then be fetched only with the credentials of this machine. The token itself stays valid where you made it."
          action="Remove the token"
          onConfirm={() => {
            mutate({ gitToken: null });
          }}
          onClose={() => {
            setRemoving(false);
          }}
        />
      )}
    </Section>
  );
}
