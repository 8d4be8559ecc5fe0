import { Layers } from "lucide-react";
import { memo, useLayoutEffect, useRef } from "react";
import { kindLook, knownKinds } from "../shared/kinds";
import { readShape, type Shape } from "./shapes";

let known: ReadonlyMap<string, Shape> | null = null;

/** Lays the kinds' icons out of sight once, so that the canvas can draw what the rest of the window shows. */
export const KindShapes = memo(function KindShapes({
  onShapes,
}: {
  onShapes(shapes: ReadonlyMap<string, Shape>): void;
}) {
  const holder = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!known && holder.current && typeof Path2D !== "undefined") {
      const icons = [...holder.current.querySelectorAll<SVGElement>("[data-kind] svg")];
      known = new Map(icons.map((icon) => [icon.parentElement?.dataset.kind ?? "", readShape(icon)]));
    }
    if (known) onShapes(known);
  }, [onShapes]);
  return (
    <div ref={holder} hidden aria-hidden>
      {!known &&
        ["", "group", ...knownKinds].map((kind) => {
          const Icon = kind === "group" ? Layers : kindLook(kind).icon;
          return (
            <span key={kind} data-kind={kind}>
              <Icon />
            </span>
          );
        })}
    </div>
  );
});
