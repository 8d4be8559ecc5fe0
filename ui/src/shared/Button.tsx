import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Tooltip,
  TooltipTrigger,
} from "react-aria-components";

interface ButtonProps extends Omit<AriaButtonProps, "className" | "children"> {
  children: ReactNode;
  icon?: LucideIcon;
  look?: "plain" | "primary" | "quiet" | "danger";
  /** Small, for use inside rows and the status line. */
  small?: boolean;
}

export function Button({ children, icon: Icon, look = "plain", small, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={`button ${look}${small ? " small" : ""}`}>
      {Icon && <Icon size={small ? 12 : 14} strokeWidth={1.75} aria-hidden />}
      <span>{children}</span>
    </AriaButton>
  );
}

interface IconButtonProps extends Omit<AriaButtonProps, "className" | "children"> {
  icon: LucideIcon;
  /** What it does, read aloud and shown on hover. */
  label: string;
  keys?: string | undefined;
  pressed?: boolean;
  size?: number;
}

export function IconButton({ icon: Icon, label, keys, pressed, size = 15, ...rest }: IconButtonProps) {
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      <AriaButton
        {...rest}
        className={`icon-button${pressed ? " pressed" : ""}`}
        aria-label={label}
        {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      >
        <Icon size={size} strokeWidth={1.75} aria-hidden />
      </AriaButton>
      <Tooltip className="tip" offset={6}>
        {label}
        {keys && <kbd>{keys}</kbd>}
      </Tooltip>
    </TooltipTrigger>
  );
}
