import { Command } from "../../ui/parts";

/** The link that lets somebody in: shown while the page stands, and kept nowhere. */
export function Invitation({ name, code }: { name: string; code: string }) {
  return (
    <div role="status" className="mb-2 grid gap-1.5 pl-10 max-desk:pl-0">
      <p className="text-small text-oma-muted">
        Send this link to {name}. It signs one browser in, once, within 7 days. You will not see it again; a
        new one makes it void.
      </p>
      <Command text={`${window.location.origin}/#login=${code}`} label="Copy the link" />
    </div>
  );
}
