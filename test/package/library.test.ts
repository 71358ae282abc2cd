import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFreshProject, type FreshProject } from "./fresh-project.js";

const PAGE = "docs/library.md";
/** A program, and what it prints where it prints anything. */
const BLOCK = /```ts\n([\s\S]*?)```\n(?:\n```text\n([\s\S]*?)```\n)?/g;

const page = readFileSync(PAGE, "utf8");
const programs = [...page.matchAll(BLOCK)].map(([block, text, printed], at) => ({
  file: `program-${at}`,
  block,
  text: text!,
  printed,
}));

/** The files that the page tells its reader to have. */
const FILES = {
  "cluster.json": "home-lab.json",
  "train.json": "train-homogeneous.json",
};

let project: FreshProject;
beforeAll(() => {
  project = createFreshProject();
  for (const [name, cluster] of Object.entries(FILES)) {
    copyFileSync(join("clusters", cluster), join(project.folder, name));
  }
  for (const { file, text } of programs) writeFileSync(join(project.folder, `${file}.ts`), text);
  project.compile(
    programs.map(({ file }) => `${file}.ts`),
    ["node"],
  );
});
afterAll(() => project.remove());

test("the page has programs", () => {
  expect(programs.length).toBeGreaterThan(10);
});

// In the page's order: later programs read what earlier ones write. With -u, what they print is written
// into the page.
test("the programs print what the page says", { timeout: 300_000 }, async () => {
  let now = page;
  for (const { file, block, text, printed } of programs) {
    const actual = project.execute(process.execPath, [`out/${file}.js`]);
    if (printed === undefined) expect(actual).toBe("");
    else now = now.replace(block, () => `\`\`\`ts\n${text}\`\`\`\n\n\`\`\`text\n${actual}\`\`\`\n`);
  }
  await expect(now).toMatchFileSnapshot(resolve(PAGE));
});
