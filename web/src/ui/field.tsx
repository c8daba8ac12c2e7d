import { useId, type ReactNode } from "react";

const box =
  "w-full min-w-0 rounded-md border border-oma-outline bg-oma-well px-3 focus-visible:outline-2 focus-visible:outline-offset-1 focus-visible:outline-oma-focus aria-invalid:border-oma-error max-desk:text-input";

export type FieldProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** A line under it; what is wrong takes its place. */
  hint?: ReactNode;
  problem?: string | null | undefined;
  placeholder?: string | undefined;
  /** Code rather than prose: no correction, fixed width. */
  code?: boolean;
  /** Hidden while it is typed: it is never shown again anyway. */
  secret?: boolean;
  lines?: number;
  /** It appears because a person asked for it, and is what they go on with. */
  focused?: boolean;
  disabled?: boolean;
};

/** A labelled line or block of text. */
export function Field({
  label,
  value,
  onChange,
  hint,
  problem,
  placeholder,
  code = false,
  secret = false,
  lines = 1,
  focused = false,
  disabled = false,
}: FieldProps) {
  const id = useId();
  const hintId = useId();
  const shared = {
    id,
    value,
    placeholder,
    disabled,
    spellCheck: code ? (false as const) : undefined,
    autoComplete: "off",
    "aria-invalid": problem ? true : undefined,
    "aria-describedby": hint || problem ? hintId : undefined,
    onChange: (event: { target: { value: string } }) => {
      onChange(event.target.value);
    },
  };
  const font = code ? "font-mono text-micro [font-variant-ligatures:none] placeholder:font-sans" : "";
  return (
    <div className="grid content-start gap-1.5">
      <label htmlFor={id} className="text-small font-medium text-oma-muted">
        {label}
      </label>
      {lines > 1 ? (
        <textarea {...shared} rows={lines} className={`${box} ${font} resize-y py-2`} />
      ) : (
        <input
          {...shared}
          type={secret ? "password" : "text"}
          // eslint-disable-next-line jsx-a11y/no-autofocus -- only where a person asked for the field
          autoFocus={focused}
          className={`${box} ${font} h-[34px] max-desk:h-11`}
        />
      )}
      {(hint || problem) && (
        <p id={hintId} role={problem ? "alert" : undefined} className="text-small text-oma-subtle">
          {problem ? <span className="text-oma-error-ink">{problem}</span> : hint}
        </p>
      )}
    </div>
  );
}
