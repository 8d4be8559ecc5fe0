import { readFileSync } from "node:fs";
import { join } from "node:path";
import { screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDesk } from "../shared/testing/render";

const sheets = ["shared/base.css", "shared/parts.css", "shell/shell.css", "connections/receivers/receivers.css"];
const style = document.createElement("style");
beforeEach(() => {
  const read = (sheet: string): string => readFileSync(join(import.meta.dirname, "..", sheet), "utf8");
  style.textContent = sheets
    .map(read)
    .join("\n")
    .replace(/^@import.*$/gm, "");
  document.head.append(style);
});
afterEach(() => style.remove());

test("no box around the panes can be scrolled, by focus or otherwise", async () => {
  openDesk("/connections");
  const input = await screen.findByRole("switch", { name: /OpenLineage receiver/ });
  const pane = input.closest(".scroll");
  expect(pane).not.toBeNull();
  const around = [document.documentElement, document.body];
  for (const name of [".shell", ".main", ".screen", ".screen-body"]) {
    around.push(pane?.closest(name) as HTMLElement);
  }
  for (const box of around) {
    expect.soft(getComputedStyle(box).overflow, box.className || box.tagName).toBe("clip");
    expect.soft(getComputedStyle(box).position, box.className || box.tagName).toBe("relative");
  }
});

test("what only screen readers see stays where it belongs, inside the pane that scrolls", async () => {
  openDesk("/connections");
  const input = await screen.findByRole("switch", { name: /OpenLineage receiver/ });
  const row = input.closest("label") as HTMLElement;
  expect(getComputedStyle(row).position).toBe("relative");
});
