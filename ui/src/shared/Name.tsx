import { SafeText } from "./SafeText";

const tailLength = 14;
const separator = /[._/:\-\s]/;

/** Where to cut: the tail that stays whole starts at a separator when one is near, since the end tells names apart. */
export function splitName(name: string): [head: string, tail: string] {
  const chars = [...name];
  if (chars.length <= tailLength + 4) return [name, ""];
  let cut = chars.length - tailLength;
  for (let at = cut; at > cut - 8 && at > 0; at--) {
    if (separator.test(chars[at] ?? "")) {
      cut = at;
      break;
    }
  }
  return [chars.slice(0, cut).join(""), chars.slice(cut).join("")];
}

interface NameProps {
  children: string;
  /** Names of things in code: tables, columns, qualified names. */
  code?: boolean;
  strong?: boolean;
}

/** A name that gives way in its middle and shows in full on hover. */
export function Name({ children, code, strong }: NameProps) {
  const [head, tail] = splitName(children);
  const look = `name${code ? " code" : ""}${strong ? " strong" : ""}`;
  return (
    <span className={look} title={children}>
      <span className="name-head">
        <SafeText>{head}</SafeText>
      </span>
      {tail && (
        <span className="name-tail">
          <SafeText>{tail}</SafeText>
        </span>
      )}
    </span>
  );
}
