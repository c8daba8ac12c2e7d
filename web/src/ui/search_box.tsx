import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useKeys, type Key } from "./keys";

/** So long a pause in typing asks the server. */
const typedMs = 250;

/** A text to look for. It is handed on when the typing pauses. */
export function SearchBox({
  label,
  group,
  value,
  onChange,
  onLeave,
  count = null,
  focused = false,
  className = "",
}: {
  label: string;
  /** Where the key sheet lists the key that leads here. */
  group: Key["group"];
  value: string;
  onChange: (text: string) => void;
  /** Escape in an empty box. */
  onLeave?: () => void;
  /** How much has it. */
  count?: string | null;
  focused?: boolean;
  className?: string;
}) {
  const input = useRef<HTMLInputElement>(null);
  // What is typed and not handed on yet.
  const [draft, setDraft] = useState<string | null>(null);
  if (draft === value) setDraft(null);
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => {
    if (draft === null) return;
    const timer = setTimeout(() => {
      latest.current(draft);
    }, typedMs);
    return () => {
      clearTimeout(timer);
    };
  }, [draft]);
  useKeys([
    {
      keys: ["/"],
      does: "Search",
      group,
      run: () => {
        input.current?.focus();
        input.current?.select();
      },
    },
  ]);
  const text = draft ?? value;
  const clear = () => {
    setDraft(null);
    onChange("");
  };
  return (
    <div
      className={`flex h-[34px] min-w-0 items-center gap-2.5 rounded-md border border-oma-outline bg-oma-well pr-1 pl-3 focus-within:outline-2 focus-within:outline-offset-1 focus-within:outline-oma-focus max-desk:h-11 max-desk:flex-1 max-desk:rounded-lg ${className}`}
    >
      <Search size={16} className="flex-none text-oma-subtle" aria-hidden="true" />
      <input
        ref={input}
        type="search"
        aria-label={label}
        // eslint-disable-next-line jsx-a11y/no-autofocus -- it appears because a person wants to search
        autoFocus={focused}
        placeholder="Search"
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          setDraft(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          // A chat beside the log would close.
          event.preventDefault();
          if (text !== "") clear();
          else if (onLeave) onLeave();
          else input.current?.blur();
        }}
        className="h-full min-w-0 flex-1 bg-transparent focus-visible:outline-none max-desk:text-input [&::-webkit-search-cancel-button]:hidden"
      />
      {count !== null && <span className="flex-none font-mono text-micro text-oma-subtle">{count}</span>}
      {text === "" ? (
        <kbd className="mr-1.5 max-desk:hidden">/</kbd>
      ) : (
        <button
          type="button"
          aria-label="Clear the search"
          title="Clear the search"
          onClick={() => {
            clear();
            input.current?.focus();
          }}
          className="grid size-6 flex-none place-items-center rounded-xs text-oma-muted hover:text-oma-text max-desk:h-11 max-desk:w-8"
        >
          <X size={14} aria-hidden="true" />
        </button>
      )}
    </div>
  );
}
