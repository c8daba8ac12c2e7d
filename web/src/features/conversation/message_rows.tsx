import { CheckCheck, CircleAlert, Clock } from "lucide-react";
import { memo, useState, type ReactNode } from "react";
import type { Attachment, Role } from "../../api/types";
import { Markdown } from "../../ui/markdown";
import { Mascot } from "../../ui/mascots";
import { CopyButton, RoleBadge } from "../../ui/parts";
import { plainText } from "../../ui/plain_text";
import { dayName, RelativeTime, useNow } from "../../ui/time";
import { MessageFiles } from "./attachments/message_files";
import type { Receipt } from "./rows";

export function DayRow({ at }: { at: string }) {
  const now = useNow();
  const time = Date.parse(at);
  return (
    <div role="separator" className="hairlines flex items-center gap-3.5 text-micro text-oma-subtle">
      {dayName(time, Math.max(now, time))}
    </div>
  );
}

export function StatusRow({ content, at }: { content: string; at: string }) {
  return (
    <p
      className="text-center text-small text-oma-subtle"
      title={new Date(at).toLocaleString(undefined, { dateStyle: "full", timeStyle: "medium" })}
    >
      {plainText(content)}
    </p>
  );
}

const foldedLength = 400;

/** An error: the sentence first, whatever is longer folds out. */
export function ErrorRow({ content, at }: { content: string; at: string }) {
  const [open, setOpen] = useState(false);
  const text = plainText(content).trim();
  const [headline = "", ...rest] = text.split("\n");
  const detail = rest.join("\n").trim();
  const long = detail.length > foldedLength;
  return (
    <div
      role="group"
      aria-label="Error"
      className="error-ground grid grid-cols-[18px_minmax(0,1fr)_auto] items-start gap-x-2.5 gap-y-0.5 rounded-l-[4px] rounded-r-lg border-l-3 border-oma-error px-3.5 py-2.5 wrap-anywhere"
    >
      <CircleAlert size={16} className="mt-0.5 text-oma-error-ink" aria-hidden="true" />
      <b className="font-semibold">{headline}</b>
      <RelativeTime at={at} />
      {detail !== "" && (
        <p className="col-start-2 whitespace-pre-wrap text-oma-muted">
          {open || !long ? detail : `${detail.slice(0, foldedLength)}…`}
          {long && (
            <button
              type="button"
              className="ml-2 font-medium text-oma-text underline underline-offset-3"
              onClick={() => {
                setOpen(!open);
              }}
            >
              {open ? "Less" : "All of it"}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

function ReceiptLine({
  receipt,
  agent,
  preparing,
  failure,
  onRetry,
  onDiscard,
  onTakeBack,
}: {
  receipt: Receipt;
  agent: string;
  preparing: boolean;
  failure: ReactNode;
  onRetry: () => void;
  onDiscard: () => void;
  onTakeBack: () => void;
}) {
  switch (receipt) {
    case "sending":
      return (
        <>
          <Clock size={14} aria-hidden="true" />
          Sending
        </>
      );
    case "waiting":
      return (
        <>
          <Clock size={14} aria-hidden="true" />
          {`Waiting, ${agent} reads it ${preparing ? "when the workspace is ready" : "in a moment"}`}
        </>
      );
    case "seen":
      return (
        <>
          <CheckCheck size={14} className="text-oma-info-ink" aria-hidden="true" />
          Seen
        </>
      );
    case "unread":
      return (
        <>
          {`Not read yet: ${agent} gets it with your next message`}
          <button
            type="button"
            className="ml-1 underline underline-offset-2 max-desk:py-2"
            onClick={onTakeBack}
          >
            Take back
          </button>
        </>
      );
    case "failed":
      return (
        <span className="text-right text-oma-error-ink" role="alert">
          <CircleAlert size={14} className="mr-1.5 inline align-[-3px]" aria-hidden="true" />
          Not sent. {failure}{" "}
          <button
            type="button"
            className="ml-1 font-semibold underline underline-offset-2 max-desk:py-2"
            onClick={onRetry}
          >
            Retry
          </button>{" "}
          <button
            type="button"
            className="ml-1 text-oma-muted underline underline-offset-2 max-desk:py-2"
            onClick={onDiscard}
          >
            Discard
          </button>
        </span>
      );
  }
}

export const PersonRow = memo(function PersonRow({
  content,
  attachments,
  author,
  at,
  ...receipt
}: {
  content: string;
  attachments: readonly Attachment[];
  /** Who wrote it: "You", or somebody else's name. */
  author: string;
  at: string;
} & Parameters<typeof ReceiptLine>[0]) {
  const pending = receipt.receipt === "sending";
  return (
    <article aria-label={author} className="group flex flex-col items-end gap-[5px]">
      {author !== "You" && <span className="pr-1 text-small font-medium text-oma-muted">{author}</span>}
      {attachments.length > 0 && (
        <div className="max-w-[84%] max-desk:max-w-[90%]">
          <MessageFiles files={attachments} />
        </div>
      )}
      {content !== "" && (
        <div className="flex max-w-[84%] items-end gap-1 max-desk:max-w-[90%]">
          <span className="flex-none opacity-0 transition-opacity duration-150 group-focus-within:opacity-100 group-hover:opacity-100 max-desk:hidden">
            <CopyButton text={content} label="Copy message" />
          </span>
          <div
            className={`min-w-0 rounded-[14px] rounded-br-[4px] bg-oma-person px-3.5 py-2.5 text-body shadow-[inset_0_0_0_1px_var(--oma-bubble-user-border)] max-desk:text-input ${pending ? "bg-oma-person/60" : ""}`}
          >
            <Markdown text={content} />
          </div>
        </div>
      )}
      <div className="flex items-center gap-[5px] pr-1 text-micro text-oma-subtle">
        {receipt.receipt !== "failed" && (
          <>
            <RelativeTime at={at} />
            <span aria-hidden="true">·</span>
          </>
        )}
        <ReceiptLine {...receipt} />
      </div>
    </article>
  );
});

/** One part of an agent's turn; the first carries the mascot and the head. */
export function AgentRow({
  name,
  role,
  at,
  first,
  children,
}: {
  name: string;
  role: Role;
  at: string | null;
  first: boolean;
  children: ReactNode;
}) {
  return (
    <article
      aria-label={name}
      className={`is-${role} grid grid-cols-[32px_minmax(0,1fr)] gap-x-3 max-desk:grid-cols-1`}
    >
      <div className="max-desk:hidden">{first && <Mascot role={role} size={32} />}</div>
      <div className="min-w-0">
        {first && (
          <header className="mb-[5px] flex h-[22px] items-center gap-2 max-desk:h-6">
            <span className="hidden max-desk:block">
              <Mascot role={role} size={24} />
            </span>
            <span className="font-serif text-name">{name}</span>
            <RoleBadge role={role} />
            {at && <RelativeTime at={at} />}
          </header>
        )}
        {children}
      </div>
    </article>
  );
}

export const AgentText = memo(function AgentText({
  content,
  writing,
}: {
  content: string;
  writing: boolean;
}) {
  return (
    <div className="group relative w-fit max-w-full rounded-[14px] rounded-tl-[4px] bg-oma-agent px-3.5 py-2.5 text-body shadow-[inset_0_0_0_1px_var(--oma-glass-border)] max-desk:text-input">
      <Markdown text={content} writing={writing} />
      {!writing && (
        <span className="absolute -top-3 right-1 rounded-[7px] bg-oma-raised opacity-0 transition-opacity duration-150 group-focus-within:opacity-100 group-hover:opacity-100 max-desk:hidden">
          <CopyButton text={content} label="Copy message" />
        </span>
      )}
    </div>
  );
});

export function Typing({ name }: { name: string }) {
  return (
    <div
      role="img"
      aria-label={`${name} is writing`}
      className="inline-flex gap-[5px] rounded-[14px] rounded-tl-[4px] bg-oma-agent p-[15px] shadow-[inset_0_0_0_1px_var(--oma-glass-border)]"
    >
      {[0, 160, 320].map((delay) => (
        <i
          key={delay}
          className="size-1.5 animate-typing rounded-full bg-oma-subtle"
          style={{ animationDelay: `${String(delay)}ms` }}
        />
      ))}
    </div>
  );
}
