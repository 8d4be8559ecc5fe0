import { PlugZap } from "lucide-react";
import { useId, useState } from "react";
import { Checkbox, Input, Label, Text, TextField } from "react-aria-components";
import type { ConnectionAddArgs, ConnectionField, ConnectionKind } from "../../api/client";
import { Button } from "../../shared/Button";
import { TextInput } from "../../shared/Field";
import { ErrorPanel, Skeleton } from "../../shared/Panel";
import { errorText, useAct, useRead } from "../../shared/query";
import { SafeText } from "../../shared/SafeText";
import { Found } from "./Found";

/** A form made of what the chosen kind of system needs, with a test that says what is there. */
export function NewSystem({ onDone }: { onDone(): void }) {
  const { data: kinds, error, refetch } = useRead("connection_kinds", undefined);
  const [chosen, setChosen] = useState<string | null>(null);
  const kind = kinds?.find((one) => one.kind === chosen) ?? kinds?.[0];
  const label = useId();
  return (
    <section
      className="system-new"
      aria-label="New connection"
      onKeyDown={(event) => event.key === "Escape" && onDone()}
    >
      {error && <ErrorPanel what="What can be connected is not known" error={error} onRetry={() => void refetch()} />}
      {!kinds && !error && <Skeleton rows={3} />}
      {kinds && kind && (
        <>
          <div className="field">
            <label htmlFor={label}>System</label>
            <select
              id={label}
              className="input"
              value={kind.kind}
              // biome-ignore lint/a11y/noAutofocus: the form was asked for just now
              autoFocus
              onChange={({ target }) => setChosen(target.value)}
            >
              {kinds.map((one) => (
                <option key={one.kind} value={one.kind}>
                  {one.title}
                </option>
              ))}
            </select>
          </div>
          <Fields key={kind.kind} kind={kind} onDone={onDone} />
        </>
      )}
    </section>
  );
}

function Fields({ kind, onDone }: { kind: ConnectionKind; onDone(): void }) {
  const [name, setName] = useState("");
  const [address, setAddress] = useState("");
  const [secret, setSecret] = useState("");
  const [options, setOptions] = useState<Record<string, string>>({});
  const [allowed, setAllowed] = useState(false);
  const add = useAct("connection_add");
  const test = useAct("connection_test");
  const draft: ConnectionAddArgs = {
    name,
    kind: kind.kind,
    address,
    options,
    secret: secret === "" ? null : secret,
    allow_secret_file: allowed,
  };
  const complete = name.trim() !== "" && address.trim() !== "";
  const changed = <T,>(set: (value: T) => void) => {
    return (value: T): void => {
      set(value);
      test.reset();
      add.reset();
    };
  };
  const save = (): void => {
    if (complete && !add.isPending) add.mutate(draft, { onSuccess: onDone });
  };
  return (
    <>
      <TextInput label="Name" value={name} onChange={changed(setName)} hint="What you call it here." onEnter={save} />
      <TextInput
        label="Address"
        value={address}
        onChange={changed(setAddress)}
        placeholder={kind.example}
        hint={`Give ${kind.takes}.`}
        code
        onEnter={save}
      />
      {kind.fields.map((field) => (
        <Choice
          key={field.key}
          field={field}
          value={options[field.key] ?? ""}
          onChange={changed((value: string) => setOptions({ ...options, [field.key]: value }))}
        />
      ))}
      {kind.secret && (
        <TextField className="field" type="password" value={secret} onChange={changed(setSecret)} autoComplete="off">
          <Label>{kind.secret}</Label>
          <Input className="input code" />
          <Text slot="description" className="field-hint">
            Kept in this machine's keychain, never in the catalog.
          </Text>
        </TextField>
      )}
      {secret !== "" && (
        <Checkbox className="system-allow" isSelected={allowed} onChange={changed(setAllowed)}>
          {({ isSelected }) => (
            <>
              <span className="system-box" data-on={isSelected} aria-hidden />
              <span>If there is no keychain, keep it in a file in my data folder that only I can read</span>
            </>
          )}
        </Checkbox>
      )}
      <div className="system-acts">
        <Button look="primary" isDisabled={!complete || add.isPending} onPress={save}>
          Connect
        </Button>
        <Button
          icon={PlugZap}
          isDisabled={address.trim() === "" || test.isPending}
          onPress={() => test.mutate({ name: null, draft })}
        >
          {test.isPending ? "Testing" : "Test"}
        </Button>
        <Button look="quiet" onPress={onDone}>
          Cancel
        </Button>
      </div>
      <Found result={test.data} error={test.error} />
      {add.error && (
        <p className="system-problem selectable" role="alert">
          <SafeText>{errorText(add.error)}</SafeText>
        </p>
      )}
    </>
  );
}

interface ChoiceProps {
  field: ConnectionField;
  value: string;
  onChange(value: string): void;
}

function Choice({ field, value, onChange }: ChoiceProps) {
  const label = useId();
  const hint = useId();
  if (field.choices.length === 0) {
    return <TextInput label={field.label} value={value} onChange={onChange} hint={field.hint} />;
  }
  return (
    <div className="field">
      <label htmlFor={label}>{field.label}</label>
      <select
        id={label}
        className="input"
        aria-describedby={hint}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      >
        <option value="">as usual</option>
        {field.choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
      <span id={hint} className="field-hint">
        {field.hint}
      </span>
    </div>
  );
}
