import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { listPages } from "./page.js";

/** Longest line of prose: tables and code may be wider, a paragraph may not be one line. */
const LONGEST_LINE = 200;

const decisions = readdirSync("docs/decisions").map((name) => `docs/decisions/${name}`);
const pages = [...listPages(), ...decisions].map((page) => ({
  page,
  lines: readFileSync(page, "utf8").split("\n"),
}));

/** Lines outside of blocks, with their numbers from 1. */
function proseOf(lines: readonly string[]): readonly { at: number; line: string }[] {
  let fenced = false;
  return lines.flatMap((line, index) => {
    if (line.startsWith("```")) fenced = !fenced;
    return fenced || line.startsWith("```") ? [] : [{ at: index + 1, line }];
  });
}

test("no line of prose is longer than people read", () => {
  const long = pages.flatMap(({ page, lines }) =>
    proseOf(lines)
      .filter(({ line }) => !line.startsWith("|") && line.length > LONGEST_LINE)
      .map(({ at, line }) => `${page}:${at}: ${line.length} characters`),
  );
  expect(long).toEqual([]);
});

test("every link to a file, and to a heading of one, leads there", () => {
  const broken = pages.flatMap(({ page, lines }) =>
    proseOf(lines).flatMap(({ at, line }) =>
      [...line.matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target]) => target!)
        .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(page, target))
        .map((target) => `${page}:${at}: ${target}`),
    ),
  );
  expect(broken).toEqual([]);
});

function leadsSomewhere(page: string, target: string): boolean {
  const [path, heading] = target.split("#");
  const file = path === "" ? page : join(dirname(page), path!);
  if (!existsSync(file)) return false;
  return heading === undefined || headingsOf(file).has(heading);
}

/** The anchors of a page, as GitHub makes them of its headings. */
function headingsOf(file: string): ReadonlySet<string> {
  const headings = readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replace(/\s/g, "-"),
    ),
  );
}
