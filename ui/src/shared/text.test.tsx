import { render, screen } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { bytes, duration, relative } from "./format";
import { keysOf } from "./keys";
import { deepLink, readQuery, routeOf, writeQuery } from "./links";
import { Markdown, plainOf } from "./Markdown";
import { splitName } from "./Name";
import { hidden, Marked, SafeText } from "./SafeText";

describe("untrusted text", () => {
  test("characters that hide or reorder are shown", () => {
    render(<SafeText>{"a\u202Eb\u0000\u200Bc"}</SafeText>);
    expect(screen.getByText("RLO")).toHaveAttribute("title", "U+202E right-to-left override");
    expect(screen.getByText("NUL")).toBeInTheDocument();
    expect(screen.getByText("ZWSP")).toBeInTheDocument();
  });

  test("letters, emoji, tabs and line ends are left alone", () => {
    for (const char of "aé漢ب👩‍👩‍👧\t\n ") expect(hidden(char.codePointAt(0) ?? 0)).toBeNull();
  });

  test("overlapping and outlying ranges mark what there is", () => {
    const { container } = render(
      <Marked
        text="departures"
        ranges={[
          [0, 4],
          [2, 6],
          [8, 99],
        ]}
      />,
    );
    expect([...container.querySelectorAll("mark")].map((one) => one.textContent)).toEqual(["depa", "rt", "es"]);
    expect(container.textContent).toBe("departures");
  });

  test("Markdown is rendered without HTML, scripts or pictures from elsewhere", () => {
    const { container } = render(
      <Markdown>
        {
          "**bold** <img src=x onerror=alert(1)> ![logo](https://example.org/a.png) [bad](javascript:alert(1)) [out](https://example.org)"
        }
      </Markdown>,
    );
    expect(container.querySelector("strong")).toHaveTextContent("bold");
    expect(container.querySelector("img, a, script, iframe")).toBeNull();
    expect(container).toHaveTextContent("<img src=x onerror=alert(1)>");
    expect(container).toHaveTextContent("[image: logo]");
    expect(screen.getByRole("button", { name: "out" })).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "bad" })).toBeNull();
  });
});

test("Markdown on one line has no signs", () => {
  expect(plainOf("# Title\n\n- not **in** it\n- `stg_flights`\n> quoted")).toBe("Title not in it stg_flights quoted");
});

describe("names and numbers", () => {
  test("a long name keeps its end, cut at a separator", () => {
    expect(splitName("short")).toEqual(["short", ""]);
    const [head, tail] = splitName("snapshots.departures_with_weather_rotation_2026_11");
    expect(tail).toBe("_rotation_2026_11");
    expect(head + tail).toBe("snapshots.departures_with_weather_rotation_2026_11");
  });

  test("sizes and times carry units", () => {
    expect(bytes(46_300_000)).toBe("46.3 MB");
    expect(bytes(12)).toBe("12 B");
    expect(duration(3.4)).toBe("3 ms");
    expect(duration(754_000)).toBe("12 min 34 s");
    expect(relative(0, 3_600_000)).toBe("1 hr. ago");
  });
});

describe("links", () => {
  test("a route and its deep link lead to each other", () => {
    const route = `/search${writeQuery({ text: "a b&c", kinds: ["model", "run"], as: "" })}`;
    expect(route).toBe("/search?text=a+b%26c&kinds=model&kinds=run");
    expect(routeOf(deepLink(route))).toBe(route);
    expect(readQuery(route.split("?")[1] ?? "")).toEqual({ text: "a b&c", kinds: ["model", "run"] });
  });

  test("what is no deep link is not followed", () => {
    for (const text of ["https://example.org", "catena:", "catena://", "catena://../etc", "javascript:alert(1)"]) {
      expect(routeOf(text)).toBeNull();
    }
  });

  test("keys are named the same whatever the layout", () => {
    expect(keysOf(new KeyboardEvent("keydown", { key: "?", shiftKey: true }))).toBe("?");
    expect(keysOf(new KeyboardEvent("keydown", { key: "Z", ctrlKey: true, shiftKey: true }))).toBe("mod+shift+z");
    expect(keysOf(new KeyboardEvent("keydown", { key: "ArrowLeft", altKey: true }))).toBe("alt+left");
  });
});
