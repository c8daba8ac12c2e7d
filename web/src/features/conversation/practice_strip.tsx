import { Link } from "@tanstack/react-router";
import { FlaskConical } from "lucide-react";
import { useDoctor } from "../../api/may";

/** One line under the head while a script answers instead of a model. */
export function PracticeStrip() {
  const { data } = useDoctor();
  if (!data?.practice) return null;
  return (
    <div className="veil relative z-2 flex items-center gap-2 border-b border-oma-line px-[18px] py-[7px] text-micro text-oma-muted max-desk:px-3.5">
      <FlaskConical size={14} className="flex-none text-oma-indigo-ink" aria-hidden="true" />
      <span className="min-w-0 flex-1 truncate">
        <b className="font-medium text-oma-text">Practice model.</b> These answers are scripted.
      </span>
      <Link to="/" className="flex-none underline underline-offset-3">
        Use a real model
      </Link>
    </div>
  );
}
