import { type ReactNode, useId } from "react";
import { ToggleButton, ToggleButtonGroup, Tooltip, TooltipTrigger } from "react-aria-components";

interface Choice<T extends string> {
  id: T;
  label: string;
  content?: ReactNode;
  /** Why it can't be chosen now. */
  disabled?: string | undefined;
}

interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  choices: Choice<T>[];
  onChange(value: T): void;
}

/** A few choices side by side, one of which holds. */
export function Segmented<T extends string>({ label, value, choices, onChange }: SegmentedProps<T>) {
  const why = useId();
  return (
    <ToggleButtonGroup
      className="segmented"
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(keys) => {
        const next = choices.find((choice) => keys.has(choice.id));
        if (next && !next.disabled) onChange(next.id);
      }}
    >
      {choices.map((choice) => (
        <TooltipTrigger key={choice.id} delay={500} closeDelay={0} isDisabled={!choice.disabled && !choice.content}>
          <ToggleButton
            id={choice.id}
            className="segmented-choice"
            {...(choice.content ? { "aria-label": choice.label } : {})}
            {...(choice.disabled ? { "aria-disabled": true, "aria-describedby": `${why}-${choice.id}` } : {})}
          >
            {choice.content ?? choice.label}
            {choice.disabled && (
              <span id={`${why}-${choice.id}`} hidden>
                {choice.disabled}
              </span>
            )}
          </ToggleButton>
          <Tooltip className="tip" offset={6}>
            {choice.disabled ?? choice.label}
          </Tooltip>
        </TooltipTrigger>
      ))}
    </ToggleButtonGroup>
  );
}
