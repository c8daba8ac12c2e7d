import { ChevronDown } from "lucide-react";
import { useId } from "react";

export type Option = { value: string; name: string };

/** A choice of a few. `label` names it where nothing else does. */
export function Select({
  label,
  value,
  options,
  onChange,
  id,
  disabled = false,
  className = "",
}: {
  label?: string;
  value: string;
  options: readonly Option[];
  onChange: (value: string) => void;
  id?: string;
  disabled?: boolean;
  className?: string;
}) {
  return (
    <span className={`relative inline-grid ${className}`}>
      <select
        id={id}
        aria-label={label}
        value={value}
        disabled={disabled}
        onChange={(event) => {
          onChange(event.target.value);
        }}
        className="h-[34px] w-full min-w-0 appearance-none rounded-md border border-oma-outline bg-oma-well pr-8 pl-3 text-oma-text disabled:text-oma-subtle max-desk:h-11 max-desk:text-input [&>option]:bg-oma-bg-elevated"
      >
        {options.map(({ value: one, name }) => (
          <option key={one} value={one}>
            {name}
          </option>
        ))}
      </select>
      <ChevronDown
        size={14}
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 text-oma-subtle"
      />
    </span>
  );
}

/** The same with its label over it, as a field of a form. */
export function SelectField({
  label,
  ...select
}: {
  label: string;
  value: string;
  options: readonly Option[];
  onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="grid content-start gap-1.5">
      <label htmlFor={id} className="text-small font-medium text-oma-muted">
        {label}
      </label>
      <Select id={id} {...select} />
    </div>
  );
}
