import { diffWordsWithSpace } from "diff";
import { useMemo, useState } from "react";
import { Button } from "./Button";
import { copyText } from "./clipboard";
import { SafeText } from "./SafeText";
import "./text-diff.css";

interface TextDiffProps {
  before: string;
  after: string;
  /** What the two are called, read aloud and shown above them. */
  names: [before: string, after: string];
}

/** Longer texts are compared line by line in too long a time to wait for. */
const longest = 200_000;

/** Two texts against each other, word by word: in one, or side by side. */
export function TextDiff({ before, after, names }: TextDiffProps) {
  const [isSplit, setSplit] = useState(false);
  const pieces = useMemo(
    () => (before.length + after.length > longest ? null : placed(diffWordsWithSpace(before, after))),
    [before, after],
  );
  const side = (which: "before" | "after") => (
    <section className="text-diff-side selectable" aria-label={names[which === "before" ? 0 : 1]}>
      {pieces === null ? (
        <SafeText>{which === "before" ? before : after}</SafeText>
      ) : (
        pieces
          .filter((piece) => (which === "before" ? !piece.added : !piece.removed))
          .map(({ at, ...piece }) => <Piece key={at} {...piece} />)
      )}
    </section>
  );
  const wide = isSplit || pieces === null;
  return (
    <div className="text-diff">
      <div className="text-diff-bar">
        <span className="faint">
          {names[0]} → {names[1]}
        </span>
        {pieces !== null && (
          <Button small look="quiet" onPress={() => setSplit(!isSplit)}>
            {isSplit ? "In one" : "Side by side"}
          </Button>
        )}
        <Button small look="quiet" onPress={() => copyText(after)}>
          Copy {names[1]}
        </Button>
      </div>
      {pieces === null && <p className="faint">The texts are too long to be compared word by word.</p>}
      {wide ? (
        <div className="text-diff-split">
          {side("before")}
          {side("after")}
        </div>
      ) : (
        <section className="text-diff-side selectable" aria-label={`${names[0]} and ${names[1]}`}>
          {pieces.map(({ at, ...piece }) => (
            <Piece key={at} {...piece} />
          ))}
        </section>
      )}
    </div>
  );
}

/** Each piece with its place in all that is said, by which it is known. */
function placed<T extends { value: string }>(pieces: T[]): (T & { at: number })[] {
  let at = 0;
  return pieces.map((piece) => {
    const here = at;
    at += piece.value.length;
    return { ...piece, at: here };
  });
}

function Piece({ value, added, removed }: { value: string; added?: boolean; removed?: boolean }) {
  if (added) {
    return (
      <ins className="text-diff-in">
        <SafeText>{value}</SafeText>
      </ins>
    );
  }
  if (removed) {
    return (
      <del className="text-diff-out">
        <SafeText>{value}</SafeText>
      </del>
    );
  }
  return <SafeText>{value}</SafeText>;
}
