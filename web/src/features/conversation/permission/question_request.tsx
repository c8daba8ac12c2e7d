import { useId, useImperativeHandle, useState } from "react";
import { Button } from "../../../ui/button";
import { plainText } from "../../../ui/plain_text";
import { answerOf, choose, noChoice, questionsOf, type Choice, type Question } from "../asks";
import { DenyNote } from "./deny_note";
import { Failure, type RequestProps } from "./tool_request";
import { useAnswering } from "./use_answering";

const optionClass =
  "flex min-h-11 cursor-pointer items-baseline gap-2.5 rounded-md border border-oma-line bg-oma-well px-3 py-2.5 transition-colors duration-150 hover:border-oma-line-bright has-checked:border-oma-control has-checked:bg-oma-select has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-oma-focus";

/** One question: its options, and room for words of one's own. */
function QuestionField({
  question,
  choice,
  onChoose,
}: {
  question: Question;
  choice: Choice;
  onChoose: (choice: Choice) => void;
}) {
  const name = useId();
  const { multiSelect: several } = question;
  const type = several ? "checkbox" : "radio";
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-2 w-full">
        {question.header && (
          <span className="mr-2 text-micro text-oma-subtle">{plainText(question.header)}</span>
        )}
        <span className="font-medium wrap-anywhere">{plainText(question.question)}</span>
        {several && <span className="ml-2 text-micro text-oma-subtle">as many as you like</span>}
      </legend>
      {question.options.map(({ label, description }) => (
        <label key={label} className={optionClass}>
          <input
            type={type}
            name={name}
            className="choice"
            checked={choice.labels.includes(label)}
            onChange={() => {
              onChoose(choose(choice, label, several));
            }}
          />
          <span className="min-w-0 wrap-anywhere">
            <span className="block">{plainText(label)}</span>
            {description && <span className="block text-small text-oma-muted">{plainText(description)}</span>}
          </span>
        </label>
      ))}
      <div className={optionClass}>
        <input
          type={type}
          name={name}
          aria-label="Something else"
          className="choice"
          checked={choice.other !== null}
          onChange={(event) => {
            onChoose({ labels: several ? choice.labels : [], other: event.target.checked ? "" : null });
          }}
        />
        <input
          type="text"
          aria-label={`Your own answer to: ${question.question}`}
          placeholder="Something else…"
          value={choice.other ?? ""}
          onChange={(event) => {
            onChoose({ labels: several ? choice.labels : [], other: event.target.value });
          }}
          className="min-w-0 flex-1 bg-transparent outline-none max-desk:text-input"
        />
      </div>
    </fieldset>
  );
}

/** Questions of the agent, all answered in one go. */
export function QuestionRequest({ request, keys, onAnswer }: RequestProps) {
  const questions = questionsOf(request.input);
  const [choices, setChoices] = useState<Readonly<Record<string, Choice>>>({});
  const [noting, setNoting] = useState(false);
  const { off, problem, answer } = useAnswering(request, onAnswer);
  const answers = questions.map(
    ({ question }) => [question, answerOf(choices[question] ?? noChoice)] as const,
  );
  const complete = answers.every(([, words]) => words !== null);
  useImperativeHandle(keys, () => ({
    "Shift D": () => {
      setNoting(true);
    },
  }));
  if (noting) {
    return (
      <DenyNote
        label="What should be asked, or done, instead?"
        action="Send this note"
        sending={off}
        onSend={(message) => {
          answer({ behavior: "deny", message });
        }}
        onCancel={() => {
          setNoting(false);
        }}
      />
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (complete)
          answer({ behavior: "allow", answers: Object.fromEntries(answers) as Record<string, string> });
      }}
    >
      <div className="grid gap-5 px-4 pt-3">
        {questions.map((question) => (
          <QuestionField
            key={question.question}
            question={question}
            choice={choices[question.question] ?? noChoice}
            onChoose={(choice) => {
              setChoices({ ...choices, [question.question]: choice });
            }}
          />
        ))}
      </div>
      <Failure problem={problem} />
      <div className="flex flex-wrap items-center gap-2 px-4 pt-3.5 pb-2 max-desk:grid max-desk:grid-cols-2">
        <Button
          kind="solid"
          type="submit"
          className="max-desk:col-span-2 max-desk:h-12"
          disabled={!complete || off}
        >
          {questions.length > 1 ? "Send the answers" : "Answer"}
        </Button>
        <Button
          disabled={off}
          onClick={() => {
            setNoting(true);
          }}
        >
          Write instead
        </Button>
        <Button
          kind="ghost"
          disabled={off}
          onClick={() => {
            answer({ behavior: "deny" });
          }}
        >
          Leave it open
        </Button>
      </div>
    </form>
  );
}
