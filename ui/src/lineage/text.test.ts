import { describe, expect, test } from "vitest";
import { FittedText, printable, truncateEven, truncateMiddle } from "./text";

const perLetter = (text: string) => text.length;

describe("text that fits", () => {
  test("keeps both ends and never gets wider than its room", () => {
    const name = "stg_customer_orders_daily_snapshot_v2";
    for (let room = 0; room <= name.length; room += 1) {
      const cut = truncateMiddle(name, room, perLetter);
      expect(cut.length).toBeLessThanOrEqual(room);
      if (room < name.length && room >= 4) {
        expect(cut).toContain("…");
        expect(name.startsWith(cut.split("…")[0] as string)).toBe(true);
        expect(name.endsWith(cut.split("…")[1] as string)).toBe(true);
      }
    }
    expect(truncateMiddle(name, 40, perLetter)).toBe(name);
  });

  test("even characters are cut as measured ones", () => {
    const name = "stg_customer_orders_daily_snapshot_v2";
    for (let room = 2; room < 40; room += 1)
      expect(truncateEven(name, room)).toBe(truncateMiddle(name, room, perLetter));
    expect(truncateEven(name, 1)).toBe("");
  });

  test("doesn't cut through a letter made of several code points", () => {
    const cut = truncateMiddle("👩‍🔬👩‍🔬👩‍🔬👩‍🔬", 14, perLetter);
    expect(cut.replaceAll("👩‍🔬", "")).toBe("…");
  });

  test("shows control characters and turned writing as what they are", () => {
    expect(printable("a\u0000b\u202ec")).toBe("a\ufffdb\ufffdc");
  });

  test("measures a text once for all widths within a step", () => {
    let measured = 0;
    const context = {
      font: "",
      measureText: (text: string) => {
        measured += 1;
        return { width: text.length } as TextMetrics;
      },
    };
    const fitted = new FittedText(context);
    const first = fitted.fit("a_rather_long_name", 9, "12px x");
    const after = measured;
    expect(fitted.fit("a_rather_long_name", 10, "12px x")).toBe(first);
    expect(measured).toBe(after);
  });
});
