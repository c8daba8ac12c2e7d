import type { Role } from "../../api/types";

/** A role's mark: decoration only. */
export const kanji: Record<Role, string> = { architect: "設", coder: "作", reviewer: "査", tester: "試" };

/** What a role does, in a sentence. */
export const duties: Record<Role, string> = {
  architect:
    "Decides how a piece of work is built before it is built, and leaves a plan that others can carry out.",
  coder: "Turns what was asked into working code, and shows that it works.",
  reviewer: "Judges a change so that its author can act on it at once.",
  tester: "Finds out whether the thing works, and leaves tests behind that keep it working.",
};
