import {
  ChevronLeft,
  ChevronRight,
  MessageCircleQuestionMark,
  Route,
  ShieldQuestionMark,
} from "lucide-react";
import { useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import type { Permission } from "../../../api/types";
import { Button, IconButton } from "../../../ui/button";
import { singleKeys } from "../../../ui/keys";
import { plainText } from "../../../ui/plain_text";
import { useNow, waited } from "../../../ui/time";
import { showToast } from "../../../ui/toast";
import { askTitle } from "../asks";
import type { Answer } from "../answers";
import { PlanRequest } from "./plan_request";
import { QuestionRequest } from "./question_request";
import { ToolRequest, type RequestKeys } from "./tool_request";

const icons = { tool: ShieldQuestionMark, question: MessageCircleQuestionMark, plan: Route };

const parts: Record<Permission["kind"], typeof ToolRequest> = {
  tool: ToolRequest,
  question: QuestionRequest,
  plan: PlanRequest,
};

/** Goes back and forth among several requests. */
function Pager({ at, count, onGo }: { at: number; count: number; onGo: (index: number) => void }) {
  return (
    <span className="inline-flex items-center font-normal text-oma-muted">
      <IconButton
        small
        label="Previous request"
        disabled={at === 0}
        onClick={() => {
          onGo(at - 1);
        }}
      >
        <ChevronLeft size={14} />
      </IconButton>
      <span className="font-mono text-micro whitespace-nowrap">
        {at + 1} of {count}
      </span>
      <IconButton
        small
        label="Next request"
        disabled={at === count - 1}
        onClick={() => {
          onGo(at + 1);
        }}
      >
        <ChevronRight size={14} />
      </IconButton>
    </span>
  );
}

function Waited({ since }: { since: string }) {
  const now = useNow(1000);
  return (
    <span className="ml-auto flex-none font-mono text-micro font-normal text-oma-subtle">
      waiting {waited(now - Date.parse(since))}
    </span>
  );
}

/** When nobody answering becomes an answer; it says so early, and louder when the time comes near. */
function Expiry({ kind, at }: { kind: Permission["kind"]; at: string }) {
  const end = kind === "question" ? "Left open" : "Denied";
  const left = Date.parse(at) - useNow(1000);
  const soon = left < 5 * 60_000;
  return (
    <p className={`px-4 pb-3.5 text-micro ${soon ? "text-oma-warning-ink" : "text-oma-subtle"}`}>
      {left > 0
        ? `${end} by itself in ${waited(left)} if nobody answers.`
        : "Its time is over: it is being denied."}
    </p>
  );
}

/**
 * After an answer given with the focus in the card, the next request stands in the same place: the focus goes to the
 * card, never to its buttons. With the last one it goes to the conversation. Nothing else moves it.
 */
function useKeptFocus(requestId: string) {
  const card = useRef<HTMLElement>(null);
  const answered = useRef(false);
  const lost = () => document.activeElement === null || document.activeElement === document.body;
  useLayoutEffect(() => {
    if (answered.current && lost()) card.current?.focus();
    answered.current = false;
  }, [requestId]);
  useLayoutEffect(() => {
    const box = card.current;
    return () => {
      const held = lost() || box?.contains(document.activeElement);
      if (answered.current && held) box?.closest<HTMLElement>("[role=log]")?.focus();
    };
  }, []);
  const answering = () => {
    answered.current = card.current?.contains(document.activeElement) ?? false;
  };
  return { card, answering };
}

/** The pressed key's name, unless somebody types, holds it down, or has switched the single keys off. */
function keyOf(event: KeyboardEvent): string {
  const typing = event.target instanceof Element && event.target.closest("textarea,input,[role=menu]");
  const other = event.ctrlKey || event.metaKey || event.altKey;
  if (typing || other || event.repeat || !singleKeys.on()) return "";
  return event.shiftKey ? `Shift ${event.key.toUpperCase()}` : event.key.toUpperCase();
}

/** What the agent may not do, or cannot know, without a person. It never takes the focus by itself. */
export function PermissionCard({
  name,
  requests,
  onAnswer,
}: {
  name: string;
  requests: readonly Permission[];
  onAnswer: Answer;
}) {
  const [chosen, setChosen] = useState<string | null>(null);
  const at = Math.max(
    0,
    requests.findIndex(({ requestId }) => requestId === chosen),
  );
  const request = requests[at];
  const keys = useRef<RequestKeys>({});
  const { card, answering } = useKeptFocus(request?.requestId ?? "");
  if (!request) return null;
  const Icon = icons[request.kind];
  const Part = parts[request.kind];
  const answer: Answer = (asked, values) => {
    answering();
    return onAnswer(asked, values);
  };
  const tools = requests.filter(({ kind }) => kind === "tool");
  const all: ReactNode = tools.length > 1 && request.kind === "tool" && (
    <Button
      onClick={() => {
        const answers = tools.map((tool) => answer(tool, { behavior: "allow", scope: "once" }));
        void Promise.all(answers).then((failures) => {
          const failure = failures.find((words) => words !== null);
          if (failure) showToast(`Not all were allowed. ${failure}`);
        });
      }}
    >
      Allow all {tools.length} once
    </Button>
  );
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- its keys work while it has the focus
    <section
      ref={card}
      onKeyDown={(event) => {
        const act = keys.current[keyOf(event)];
        if (!act) return;
        event.preventDefault();
        act();
      }}
      tabIndex={-1}
      data-stop
      aria-label={askTitle(name, request)}
      className="asking animate-rise overflow-hidden rounded-xl"
    >
      <header className="flex min-h-11 flex-wrap items-center gap-x-2.5 px-4 pt-3 font-semibold">
        <Icon size={18} className="flex-none text-oma-warning-ink" aria-hidden="true" />
        <h3 className="min-w-0 wrap-anywhere">{plainText(askTitle(name, request))}</h3>
        {requests.length > 1 && (
          <Pager
            at={at}
            count={requests.length}
            onGo={(index) => {
              setChosen(requests[index]?.requestId ?? null);
            }}
          />
        )}
        <Waited since={request.requestedAt} />
      </header>
      <Part key={request.requestId} request={request} keys={keys} all={all} onAnswer={answer} />
      <Expiry kind={request.kind} at={request.expiresAt} />
    </section>
  );
}
