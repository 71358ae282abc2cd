import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatTable } from "../../src/report/table.js";
import { PLAIN } from "../../src/report/text-style.js";
import { charactersOf, wrapLine, wrapWords } from "../../src/report/wrap-text.js";

const words = fc
  .array(fc.stringMatching(/^[a-z0-9-]{1,30}$/), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(" "));
const figure = fc.nat(99_999).map(String);

describe("texts in lines", () => {
  test("no line is longer than asked for, and nothing but blanks is lost", () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 5, max: 60 }), (text, columns) => {
        const lines = wrapWords(text, columns);
        expect(lines.every((line) => charactersOf(line) <= columns)).toBe(true);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      }),
    );
  });

  test("what follows stands further in, and what fits stays as it is", () => {
    expect(wrapLine("  one two three", 80)).toBe("  one two three");
    expect(wrapLine("  one two three", 12)).toBe("  one two\n    three");
    expect(wrapLine("\u001B[31mone two\u001B[39m", 7)).toBe("\u001B[31mone two\u001B[39m");
  });
});

describe("tables", () => {
  const row = fc.tuple(words, figure, figure, words, figure);
  const columns = [
    { title: "name of it" },
    { title: "some figure", align: "right" },
    { title: "spare", align: "right", extra: true },
    { title: "why" },
    { title: "last figure", align: "right" },
  ] as const;

  test("keep to the width, and say which columns they leave out", () => {
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 24, max: 120 }),
        (rows, width) => {
          const text = formatTable(columns, rows, { ...PLAIN, columns: width });
          expect(text.split("\n").every((line) => charactersOf(line) <= width)).toBe(true);
          const bare = text.replace(/\s/g, "");
          const left = /Leftoutof\d+columns:(.*?)\.Awider/.exec(bare)?.[1] ?? "";
          for (const { title } of columns) {
            const shown = text.includes(title.split(" ").at(-1)!);
            expect(shown || left.includes(title.replaceAll(" ", ""))).toBe(true);
          }
        },
      ),
    );
  });

  test("leave out what can be spared first, never the first column, and break no whole names", () => {
    const cells = ["a-name-that-people-copy", "123456", "123456", "x", "1"];
    const [name, ...others] = columns;
    const narrow = formatTable([{ ...name, whole: true }, ...others], [cells], {
      ...PLAIN,
      columns: 44,
    });
    expect(narrow).toContain("a-name-that-people-copy");
    expect(narrow).toContain("Left out of 44 columns: spare");
  });

  test("paint whole rows, whatever is in them", () => {
    const style = { ...PLAIN, paint: (tone: string, text: string) => `<${tone}>${text}</>` };
    const text = formatTable([{ title: "a" }], [["\u001B[31mred"], ["y"]], style, ["best"]);
    expect(text).toBe("a\n<best>\\u001b[31mred</>\ny");
  });
});
