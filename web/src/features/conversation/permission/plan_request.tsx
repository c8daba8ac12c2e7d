import { useImperativeHandle, useState } from "react";
import { Button } from "../../../ui/button";
import { Markdown } from "../../../ui/markdown";
import { textField } from "../tools";
import { DenyNote } from "./deny_note";
import { Failure, Reasons, type RequestProps } from "./tool_request";
import { useAnswering } from "./use_answering";

/** A plan to approve, or to send back with a note. */
export function PlanRequest({ request, keys, onAnswer }: RequestProps) {
  const [noting, setNoting] = useState(false);
  const { off, problem, answer } = useAnswering(request, onAnswer);
  const note = () => {
    setNoting(true);
  };
  const approve = () => {
    answer({ behavior: "allow", scope: "once" });
  };
  useImperativeHandle(keys, () => ({ A: approve, D: note, "Shift D": note }));
  return (
    <div>
      <div
        role="region"
        aria-label="The plan"
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- so that the keyboard can scroll it
        tabIndex={0}
        className="mx-4 mt-2.5 max-h-[min(32rem,50vh)] overflow-y-auto rounded-md border border-oma-line bg-oma-well px-3.5 py-2.5 text-body max-desk:text-input"
      >
        <Markdown text={textField(request.input, "plan") ?? ""} />
      </div>
      <Reasons request={request} />
      <Failure problem={problem} />
      {noting ? (
        <DenyNote
          label="What should the plan have, or leave out?"
          action="Keep planning"
          sending={off}
          onSend={(message) => {
            answer({ behavior: "deny", message });
          }}
          onCancel={() => {
            setNoting(false);
          }}
        />
      ) : (
        <div className="flex flex-wrap items-center gap-2 px-4 pt-3 pb-2 max-desk:grid">
          <Button kind="solid" className="max-desk:h-12" disabled={off} onClick={approve}>
            Approve the plan
          </Button>
          <Button disabled={off} onClick={note}>
            Keep planning
          </Button>
        </div>
      )}
    </div>
  );
}
