import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { deletePermissionRule } from "../../api/calls";
import { asProblem } from "../../api/client";
import { queries } from "../../api/queries";
import type { PermissionRule } from "../../api/types";
import { Button } from "../../ui/button";
import { codeText } from "../../ui/plain_text";
import { RelativeTime } from "../../ui/time";
import { Kept, Section, Trouble } from "../../ui/section";

/** The part of a rule's input that tells it from others. */
function subjectOf({ input }: PermissionRule): string {
  for (const name of ["command", "file_path", "url", "query"]) {
    const value = input[name];
    if (typeof value === "string") return value;
  }
  return JSON.stringify(input);
}

/** What agents may do here without asking, because a person once said always. */
export function RulesSection({ projectId }: { projectId: string }) {
  const client = useQueryClient();
  const { data, error } = useQuery(queries.permissionRules(projectId));
  const revoke = useMutation({
    mutationFn: (ruleId: string) => deletePermissionRule(projectId, ruleId),
    onSettled: () => client.invalidateQueries({ queryKey: ["permission-rules", projectId] }),
  });
  const problem = error ?? revoke.error;
  return (
    <Section
      title="Always allowed"
      about="Exactly these, in this project, whenever an agent would have to ask. They come from the answer “Always allow exactly this”."
    >
      {problem && <Trouble>{asProblem(problem).message}</Trouble>}
      {data?.items.length === 0 && (
        <p className="text-oma-muted">Nothing: every consent was for once or for a session.</p>
      )}
      {data && data.items.length > 0 && (
        <div>
          {data.items.map((rule) => {
            const subject = codeText(subjectOf(rule));
            return (
              <Kept
                key={rule.id}
                actions={
                  <Button
                    size="small"
                    aria-label={`Ask again for ${subject}`}
                    disabled={revoke.isPending}
                    onClick={() => {
                      revoke.mutate(rule.id);
                    }}
                  >
                    Ask again
                  </Button>
                }
              >
                <span className="flex-none text-small text-oma-muted">{rule.tool}</span>
                <code className="min-w-0 truncate font-mono text-micro" title={subject}>
                  {subject}
                </code>
                <RelativeTime at={rule.createdAt} />
              </Kept>
            );
          })}
        </div>
      )}
    </Section>
  );
}
