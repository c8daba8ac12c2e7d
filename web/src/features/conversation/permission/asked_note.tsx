import type { Permission } from "../../../api/types";
import { askTitle } from "../asks";

/** A request as it stands for somebody who may not answer it. */
export function AskedNote({ name, requests }: { name: string; requests: readonly Permission[] }) {
  const [first] = requests;
  if (!first) return null;
  const others = requests.length - 1;
  return (
    <section
      aria-label={askTitle(name, first)}
      className="rounded-lg border border-oma-line bg-oma-glass-sm px-4 py-3"
    >
      <b className="font-medium">{askTitle(name, first)}</b>
      {others > 0 && <span className="text-oma-muted"> · {others} more</span>}
      <p className="mt-0.5 text-small text-oma-muted">A developer of this project has to answer.</p>
    </section>
  );
}
