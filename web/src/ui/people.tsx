// How people are shown: as who they are, and as what they may do.

export const roles = [
  { value: "admin", name: "Administrator", means: "Everything, in every project and on the server" },
  { value: "developer", name: "Developer", means: "Works in their projects, and makes new ones" },
  { value: "viewer", name: "Viewer", means: "Reads in their projects, and changes nothing" },
] as const;

export function roleName(role: string): string {
  return roles.find(({ value }) => value === role)?.name ?? role;
}

function initials(name: string): string {
  const words = name.split(/[\s@._-]+/).filter((word) => word !== "");
  return ((words[0]?.charAt(0) ?? "") + (words[1]?.charAt(0) ?? "")).toUpperCase() || "?";
}

/** A person's initials, where a mascot would stand for an agent. */
export function Avatar({ name, faded = false }: { name: string; faded?: boolean }) {
  return (
    <span
      aria-hidden="true"
      className={`grid size-7 flex-none place-items-center rounded-full text-tiny font-semibold ${faded ? "border border-oma-line text-oma-subtle" : "bg-oma-person text-oma-person-meta shadow-[inset_0_0_0_1px_var(--oma-bubble-user-border)]"}`}
    >
      {initials(name)}
    </span>
  );
}

/** Says to whom only reads why nothing is offered. */
export function ReadsOnly({ what }: { what: string }) {
  return (
    <p role="note" className="text-center text-small text-balance text-oma-muted">
      You can read {what}. Ask an administrator for more.
    </p>
  );
}
