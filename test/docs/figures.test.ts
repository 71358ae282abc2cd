import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readBlocks } from "./page.js";

/** Every figure that this page tells stands in what a command of it prints, or beside the command that gives it. */
const PAGE = "docs/capacity-planning.md";
const FIGURE = /(?<![\w.,/])\d[\d,]*(?:\.\d+)?(?![\w/]*\d)/g;

const figuresOf = (text: string): readonly string[] => text.match(FIGURE) ?? [];

test("no figure of the prose stands outside of what commands print", () => {
  const printed = new Set(readBlocks(PAGE).flatMap(({ text }) => figuresOf(text)));
  const prose = readFileSync(PAGE, "utf8").replace(/^```[^]*?^```/gm, "");
  const told = prose
    .split(/\n\n+/)
    .filter((paragraph) => !paragraph.includes("node build/bench/"))
    .flatMap((paragraph) => figuresOf(paragraph.replace(/`[^`]*`|\]\([^)]*\)|decision \d+/g, "")))
    .filter((figure) => figure.includes(".") || figure.replace(/,/g, "").length > 3);
  expect(told.length).toBeGreaterThan(5);
  expect(told.filter((figure) => !printed.has(figure))).toEqual([]);
});
