import type { ButtonHTMLAttributes, ReactNode } from "react";

type Kind = "plain" | "solid" | "ghost" | "danger";
type Size = "normal" | "small" | "large";

const kinds: Record<Kind, string> = {
  plain: "border-oma-line-bright bg-oma-glass text-oma-text hover:bg-oma-select",
  solid: "border-transparent bg-oma-action text-oma-on-action font-semibold hover:bg-oma-action-hover",
  ghost: "border-transparent text-oma-muted hover:text-oma-text hover:bg-oma-hover",
  danger: "border-oma-line-bright bg-oma-glass text-oma-error-ink hover:bg-oma-select",
};
const sizes: Record<Size, string> = {
  large: "h-11 px-[15px] gap-[7px] rounded-md max-desk:rounded-lg text-ui max-desk:text-input",
  normal:
    "h-[34px] max-desk:h-11 px-[13px] gap-[7px] rounded-md max-desk:rounded-lg text-ui max-desk:text-input",
  small: "h-7 max-desk:h-[38px] px-2.5 gap-1.5 rounded-sm text-small max-desk:text-ui",
};

const shape =
  "inline-flex items-center justify-center border font-medium whitespace-nowrap select-none " +
  "transition-[background,border-color,transform] duration-150 ease-out active:scale-[.985] " +
  "disabled:border-oma-line disabled:bg-transparent disabled:text-oma-subtle disabled:active:scale-100";

export function buttonClass(kind: Kind = "plain", size: Size = "normal"): string {
  return `${shape} ${kinds[kind]} ${sizes[size]}`;
}

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & { kind?: Kind; size?: Size };

/** One solid button per view: the thing a person came to do. */
export function Button({
  kind = "plain",
  size = "normal",
  className = "",
  type = "button",
  ...rest
}: ButtonProps) {
  return <button type={type} className={`${buttonClass(kind, size)} ${className}`} {...rest} />;
}

type IconButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  label: string;
  small?: boolean;
  children: ReactNode;
};

/** A button that is only an icon: `label` names it. */
export function IconButton({ label, small = false, className = "", children, ...rest }: IconButtonProps) {
  const size = small
    ? "size-[26px] max-desk:size-10 rounded-[7px]"
    : "size-8 max-desk:size-11 rounded-sm max-desk:rounded-lg";
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`${size} inline-grid flex-none place-items-center text-oma-muted transition-colors duration-150 hover:bg-oma-select hover:text-oma-text aria-expanded:bg-oma-select aria-expanded:text-oma-text aria-pressed:bg-oma-select aria-pressed:text-oma-text ${className}`}
      {...rest}
    >
      {children}
    </button>
  );
}
