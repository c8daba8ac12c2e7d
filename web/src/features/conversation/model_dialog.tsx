import { useState } from "react";
import type { AgentModel } from "../../api/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";

const rowClass =
  "flex min-h-11 cursor-pointer items-baseline gap-2.5 rounded-md px-2.5 py-2 hover:bg-oma-hover has-checked:bg-oma-select has-focus-visible:outline-2 has-focus-visible:outline-oma-focus";

/** The model of a conversation: the agent's own, one that it offers, or any by its name. */
export default function ModelDialog({
  agent,
  chosen,
  models,
  onChoose,
  onClose,
}: {
  agent: string;
  chosen: string | null;
  models: readonly AgentModel[];
  onChoose: (model: string | null) => void;
  onClose: () => void;
}) {
  const offered = models.some(({ value }) => value === chosen);
  const [picked, setPicked] = useState<string | null>(chosen);
  const [typing, setTyping] = useState(chosen !== null && !offered);
  const [typed, setTyped] = useState(offered ? "" : (chosen ?? ""));
  const value = typing ? typed.trim() : picked;
  const pick = (model: string | null) => {
    setTyping(false);
    setPicked(model);
  };
  return (
    <Dialog title="Model" description="For this conversation, from the next answer on." onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (value === "") return;
          onChoose(value);
          onClose();
        }}
      >
        <div role="radiogroup" aria-label="Model" className="grid gap-0.5">
          <label className={rowClass}>
            <input
              type="radio"
              name="model"
              className="choice"
              checked={!typing && picked === null}
              onChange={() => {
                pick(null);
              }}
            />
            <span>
              {agent}’s own
              <span className="block text-small text-oma-muted">As it is set for the agent</span>
            </span>
          </label>
          {models.map((model) => (
            <label key={model.value} className={rowClass}>
              <input
                type="radio"
                name="model"
                className="choice"
                checked={!typing && picked === model.value}
                onChange={() => {
                  pick(model.value);
                }}
              />
              <span className="min-w-0">
                {model.displayName}
                {model.description && (
                  <span className="block text-small text-oma-muted">{model.description}</span>
                )}
              </span>
            </label>
          ))}
          <div className={rowClass}>
            <input
              type="radio"
              name="model"
              aria-label="Another model"
              className="choice"
              checked={typing}
              onChange={() => {
                setTyping(true);
              }}
            />
            <input
              aria-label="Name of the model"
              placeholder="Another, by its name"
              value={typed}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => {
                setTyping(true);
                setTyped(event.target.value);
              }}
              className="min-w-0 flex-1 bg-transparent font-mono text-micro outline-none placeholder:font-sans placeholder:text-ui max-desk:text-input"
            />
          </div>
        </div>
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="solid" type="submit" disabled={value === ""}>
            Choose
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
