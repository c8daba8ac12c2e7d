import { useMutation, useQueryClient } from "@tanstack/react-query";
import { changeUser, inviteUser, type UserValues } from "../../api/calls";
import { asProblem } from "../../api/client";
import type { User } from "../../api/types";

/** What an administrator does with people; the list is asked for again after each. */
export function usePeople(onInvited: (user: User, code: string) => void) {
  const client = useQueryClient();
  const again = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["users"] }),
      client.invalidateQueries({ queryKey: ["members"] }),
      client.invalidateQueries({ queryKey: ["me"] }),
    ]);
  const changing = useMutation({
    mutationFn: ({ user, values }: { user: User; values: UserValues }) => changeUser(user.id, values),
    onSettled: again,
  });
  const inviting = useMutation({
    mutationFn: (user: User) => inviteUser(user.id),
    onSuccess: ({ code }, user) => {
      onInvited(user, code);
    },
  });
  const error = changing.error ?? inviting.error;
  return {
    invite: (user: User) => {
      inviting.mutate(user);
    },
    change: (user: User, values: UserValues) => {
      changing.mutate({ user, values });
    },
    problem: error ? asProblem(error) : null,
  };
}
