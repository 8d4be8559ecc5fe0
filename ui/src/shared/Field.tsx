import { Search, X } from "lucide-react";
import { type KeyboardEvent, type Ref, useState } from "react";
import { Button as AriaButton, Input, Label, SearchField, Text, TextField } from "react-aria-components";
import { SafeText } from "./SafeText";

interface TextInputProps {
  label: string;
  value: string;
  onChange(value: string): void;
  placeholder?: string;
  hint?: string;
  /** Keeps the label for screen readers only. */
  bare?: boolean;
  code?: boolean;
  autoFocus?: boolean;
  onEnter?(): void;
}

export function TextInput({
  label,
  value,
  onChange,
  placeholder,
  hint,
  bare,
  code,
  autoFocus,
  onEnter,
}: TextInputProps) {
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
      {...(bare ? { "aria-label": label } : {})}
      autoFocus={autoFocus ?? false}
      onKeyDown={(event) => {
        if (event.key === "Enter") onEnter?.();
        else event.continuePropagation();
      }}
    >
      {!bare && <Label>{label}</Label>}
      <Input className={`input${code ? " code" : ""}`} placeholder={placeholder ?? ""} spellCheck={false} />
      {hint && (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      )}
    </TextField>
  );
}

interface SearchInputProps {
  label: string;
  value: string;
  onChange(value: string): void;
  placeholder?: string;
  large?: boolean;
  autoFocus?: boolean;
  inputRef?: Ref<HTMLInputElement>;
  onKeyDown?(event: KeyboardEvent<HTMLInputElement>): void;
}

export function SearchInput({
  label,
  value,
  onChange,
  placeholder,
  large,
  autoFocus,
  inputRef,
  onKeyDown,
}: SearchInputProps) {
  return (
    <SearchField
      className={`search-field${large ? " large" : ""}`}
      aria-label={label}
      value={value}
      onChange={onChange}
      autoFocus={autoFocus ?? false}
    >
      <Search size={14} strokeWidth={1.75} aria-hidden />
      <Input
        ref={inputRef ?? null}
        className="search-input"
        placeholder={placeholder ?? label}
        spellCheck={false}
        autoComplete="off"
        onKeyDown={(event) => onKeyDown?.(event as KeyboardEvent<HTMLInputElement>)}
      />
      {value !== "" && (
        <AriaButton className="clear-button" aria-label="Clear">
          <X size={13} aria-hidden />
        </AriaButton>
      )}
    </SearchField>
  );
}

interface WordsInputProps {
  label: string;
  values: string[];
  onChange(values: string[]): void;
  placeholder?: string;
}

/** A set of short words, such as tags or owners: Enter or comma adds, Backspace in the empty field removes the last. */
export function WordsInput({ label, values, onChange, placeholder }: WordsInputProps) {
  const [draft, setDraft] = useState("");
  const add = (): void => {
    const word = draft.trim();
    if (word && !values.includes(word)) onChange([...values, word]);
    setDraft("");
  };
  return (
    <div className="words">
      {values.map((word) => (
        <span className="chip" key={word}>
          <SafeText>{word}</SafeText>
          <AriaButton
            className="chip-remove"
            aria-label={`Remove ${word}`}
            onPress={() => onChange(values.filter((other) => other !== word))}
          >
            <X size={11} aria-hidden />
          </AriaButton>
        </span>
      ))}
      <input
        className="words-input"
        aria-label={label}
        placeholder={values.length === 0 ? placeholder : ""}
        value={draft}
        spellCheck={false}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={add}
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === ",") {
            if (draft.trim()) {
              event.preventDefault();
              event.stopPropagation();
              add();
            }
          } else if (event.key === "Backspace" && draft === "" && values.length > 0) {
            onChange(values.slice(0, -1));
          }
        }}
      />
    </div>
  );
}
