import { FlaskConical } from "lucide-react";
import { useState } from "react";
import { useDoctor } from "../../api/may";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Command } from "../../ui/parts";

/** Says plainly that a script answers, and how to get a model that does. */
export function PracticeBanner() {
  const { data } = useDoctor();
  const [asking, setAsking] = useState(false);
  if (!data?.practice) return null;
  const model = data.checks.find((check) => check.id === "model");
  return (
    <div
      role="status"
      aria-label="Practice model"
      className="practice-ground mb-5 flex items-center gap-3 rounded-lg py-2.5 pr-3 pl-4 max-desk:flex-wrap max-desk:p-3.5"
    >
      <FlaskConical size={18} className="flex-none text-oma-indigo-ink" aria-hidden="true" />
      <span className="min-w-0 flex-1">
        <b className="font-semibold">Practice model.</b> Answers come from a script on this machine. Nothing
        leaves it, nothing costs.
      </span>
      <Button
        size="small"
        className="max-desk:w-full"
        onClick={() => {
          setAsking(true);
        }}
      >
        Use a real model
      </Button>
      {asking && (
        <Dialog
          title="Use a real model"
          description={
            data.practiceReason ?? "There is neither an API key nor a Claude login on this machine."
          }
          onClose={() => {
            setAsking(false);
          }}
        >
          <div className="grid gap-3">
            {model && <p>{model.detail}</p>}
            <Command text={model?.command ?? "ANTHROPIC_API_KEY=… make run"} />
            <p className="text-small text-oma-subtle">
              The key stays on this machine and out of the agents’ reach. Projects and conversations stay as
              they are.
            </p>
          </div>
        </Dialog>
      )}
    </div>
  );
}
