import { useMutation, useQueryClient } from "@tanstack/react-query";
import { changeProject, type ProjectValues } from "../../api/calls";
import { asProblem } from "../../api/client";

/** Changes a project; what the server makes of it is what the page shows. */
export function useProjectChange(projectId: string) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (values: ProjectValues) => changeProject(projectId, values),
    onSuccess: (project) => {
      client.setQueryData(["projects", projectId], project);
      return client.invalidateQueries({ queryKey: ["projects"], exact: true });
    },
  });
  return { ...change, problem: change.error ? asProblem(change.error) : null };
}
