import { describe, expect, test } from "vitest";
import { readQuery, writeQuery } from "../shared/links";
import { crossed } from "./bands";
import { ALL_LEVELS, argsOf, defaults, expand, type LineageState, readLink, writeLink } from "./link";
import { storyId } from "./testing/story";

const there = (state: LineageState) => readLink(readQuery(writeQuery(writeLink(state))));

describe("lineage link", () => {
  test("everything goes into the link and comes back", () => {
    const state: LineageState = {
      focus: [storyId(1), storyId(2)],
      direction: "up",
      up: ALL_LEVELS,
      down: 0,
      expanded: [{ id: storyId(3), side: "down", levels: 2 }],
      hidden: [{ id: storyId(4), with: "up" }],
      kinds: ["dataset", "model_version"],
      hideTransformations: true,
      hideRuns: true,
      showRemoved: true,
      since: Date.UTC(2026, 0, 2),
      until: Date.UTC(2026, 5, 1) - 1,
      band: "field",
      columns: [storyId(5)],
      columnTrace: storyId(5, 2),
      openGroups: [{ id: storyId(6), page: 3, filter: "a.b&c=d" }],
      force: true,
      as: "table",
      at: storyId(7),
    };
    expect(there(state)).toEqual(state);
  });

  test("a plain view has a short link", () => {
    expect(writeQuery(writeLink({ ...defaults, focus: [storyId(0)] }))).toBe(`?focus=${storyId(0)}`);
    expect(there(defaults)).toEqual(defaults);
  });

  test("what is nonsense is left out", () => {
    const query = readQuery(
      "?focus=x&focus=%3Cscript%3E&up=-1&down=9999&direction=side&more=a.b.c&without=&kind=A%20B&since=never&band=all&group=1.2&at=1",
    );
    expect(readLink(query)).toEqual(defaults);
  });

  test("a direction that isn't asked for has no levels", () => {
    expect(argsOf({ ...defaults, direction: "up", up: 4, down: 2 })).toMatchObject({ up: 4, down: 0 });
  });

  test("a caret opens one level more each time, all of it, or closes", () => {
    let state: LineageState = { ...defaults };
    const act = (how: "open" | "open-all" | "close") => {
      state = { ...state, expanded: expand(state, storyId(1), "up", how) };
      return state.expanded;
    };
    expect(act("open")).toEqual([{ id: storyId(1), side: "up", levels: 1 }]);
    expect(act("open")).toEqual([{ id: storyId(1), side: "up", levels: 2 }]);
    expect(act("open-all")).toEqual([{ id: storyId(1), side: "up", levels: ALL_LEVELS }]);
    expect(act("close")).toEqual([]);
  });

  test("crossing into the columns opens the node that was looked at", () => {
    expect(crossed(defaults, "in", storyId(1))).toEqual({ band: "field", columns: [storyId(1)] });
    expect(crossed({ ...defaults, band: "field" }, "out", null)).toEqual({ band: "asset" });
    expect(crossed(defaults, "out", null)).toEqual({ band: "system" });
    expect(crossed({ ...defaults, band: "system" }, "in", null)).toEqual({ band: "asset" });
  });
});
