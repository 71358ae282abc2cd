import { execFile } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import {
  listPages,
  readBlocks,
  readSteps,
  writeSteps,
  type Block,
  type ConsoleStep,
} from "./page.js";
import { saysTheSame } from "./says-the-same.js";

/**
 * Runs every console block of the pages, in order, in one folder per page, and compares what comes out
 * (standard output and standard error, as on a terminal) with what the page prints. Where a page is no
 * longer true, `npx vitest run test/docs -u` writes into it what comes out: read it before it is
 * committed.
 */
const PAGES = listPages().map((page) => ({ page, blocks: readBlocks(page) }));
const NOT_RUN = "not run: ";
/** Blocks that plan for minutes are run where somebody asks for it: `DOCS_LONG=1 npx vitest run test/docs`. */
const WHEN_ASKED = "run when asked: ";
const ASKED = process.env["DOCS_LONG"] === "1";
/** Most time that a command of a page may take, however busy the machine is. */
const LIMIT = ASKED ? 3_600_000 : 900_000;

const consoles = (blocks: readonly Block[]): readonly Block[] =>
  blocks.filter(({ language }) => language === "console");
const isRun = ({ remark = "" }: Block): boolean =>
  !remark.startsWith(NOT_RUN) && (ASKED || !remark.startsWith(WHEN_ASKED));

describe("console blocks", () => {
  const run = PAGES.filter(({ blocks }) => consoles(blocks).some(isRun));
  test.concurrent.for(run)("$page", { timeout: LIMIT }, async ({ page, blocks }, context) => {
    await context.expect(await rewrite(page, blocks)).toMatchFileSnapshot(resolve(page));
  });
});

describe("console blocks that are not run, and why", () => {
  const left = PAGES.flatMap(({ page, blocks }) =>
    consoles(blocks)
      .filter((block) => !isRun(block))
      .map(({ remark, line }) => ({ at: `${page}:${line}`, why: remark!.replace(/^[^:]*: /, "") })),
  );
  test.each(left)("$at: $why", ({ why }) => expect(why.length).toBeGreaterThan(20));
});

test("every block says what it is", () => {
  const unnamed = PAGES.flatMap(({ page, blocks }) =>
    blocks.filter(({ language }) => language === "").map(({ line }) => `${page}:${line}`),
  );
  expect(unnamed).toEqual([]);
});

/** The page with what its commands print now, where that is not what it says. */
async function rewrite(page: string, blocks: readonly Block[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "helix-place-docs-"));
  try {
    prepare(folder);
    let text = readFileSync(page, "utf8");
    for (const block of blocks) {
      const file = /^file: (\S+)$/.exec(block.remark ?? "")?.[1];
      if (file !== undefined) writeFileSync(join(folder, file), `${block.text}\n`);
      if (block.language !== "console" || !isRun(block)) continue;
      const steps: ConsoleStep[] = [];
      for (const step of readSteps(block)) {
        const actual = await runCommand(step.command, folder);
        steps.push(
          saysTheSame(step.printed, actual) ? step : { ...step, printed: actual.trimEnd() },
        );
      }
      text = text.replace(block.text, () => writeSteps(steps));
    }
    return text;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A folder with the clusters of this project and `helix-place`, also for npx. */
function prepare(folder: string): void {
  cpSync("clusters", join(folder, "clusters"), { recursive: true });
  const bin = join(folder, "node_modules/.bin");
  mkdirSync(bin, { recursive: true });
  const program = join(bin, "helix-place");
  writeFileSync(
    program,
    `#!/bin/sh\nexec ${process.execPath} ${resolve("dist/cli/main.js")} "$@"\n`,
  );
  chmodSync(program, 0o755);
}

function runCommand(command: string, cwd: string): Promise<string> {
  const path = `${join(cwd, "node_modules/.bin")}${delimiter}${process.env["PATH"]}`;
  const script = `exec 2>&1\n${command}`;
  return new Promise((done) => {
    const env = { ...process.env, PATH: path, LC_ALL: "C.UTF-8" };
    execFile("bash", ["-c", script], { cwd, env }, (_, printed) => done(printed));
  });
}
