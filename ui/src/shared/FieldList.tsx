import type { FieldValue, Json } from "../api/client";
import { number } from "./format";
import { JsonValue } from "./JsonValue";
import { Mark } from "./Mark";
import { Markdown } from "./Markdown";
import { SafeText } from "./SafeText";
import { Time } from "./Time";
import { sourceWords } from "./words";

export const fieldLabel = (key: string): string => {
  const words = key.replace(/[_.]+/g, " ").replace("/", ": ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const isWords = (value: Json): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string");

export function ValueView({ field, value }: { field: string; value: Json }) {
  if (value === null || value === "") return <span className="faint">none</span>;
  if (isWords(value)) {
    return (
      <span className="chips">
        {value.map((one) => (
          <span className="chip" key={one}>
            <SafeText>{one}</SafeText>
          </span>
        ))}
      </span>
    );
  }
  if (field === "description" && typeof value === "string") return <Markdown>{value}</Markdown>;
  if (typeof value === "string") return <SafeText>{value}</SafeText>;
  if (typeof value === "number") return <span title={String(value)}>{number(value)}</span>;
  if (typeof value === "boolean") return value ? "yes" : "no";
  return <JsonValue value={value} />;
}

interface FieldListProps {
  fields: FieldValue[];
  /** Label above value, for the narrow inspector. */
  stacked?: boolean;
}

/** Fields with how each value is known, and what other sources say where they differ. */
export function FieldList({ fields, stacked }: FieldListProps) {
  return (
    <dl className={`fields${stacked ? " stacked" : ""}`}>
      {fields.map((field) => (
        <div className="fields-row" key={field.key}>
          <dt>
            {fieldLabel(field.key)} <Mark known={field.known} source={field.source} edited={field.edited} />
          </dt>
          <dd>
            <ValueView field={field.key} value={field.value} />
            {field.others.map((other) => (
              <div className="fields-other" key={other.source}>
                <span className="faint">
                  <SafeText>{sourceWords(other.source)}</SafeText> says
                </span>{" "}
                <ValueView field="other" value={other.value} /> <Time at={other.at} />
              </div>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}
