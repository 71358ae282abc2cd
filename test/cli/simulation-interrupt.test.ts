import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runBuilt } from "../support/built-cli.js";

/** Simulated seconds that take days. */
const ENDLESS = ["--warmup", "1e5", "--duration", "1e9"];
const KILL_AFTER = 40_000;

const folder = mkdtempSync(join(tmpdir(), "interrupt-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  writeFileSync(at("home.json"), readFileSync("clusters/home-lab.json"));
  const plan = ["-o", at("plan.json"), "--quiet", "--strategy", "chain", "--iteration-limit", "1"];
  expect((await runBuilt([at("home.json"), ...plan])).code).toBe(0);
});

const files = (): readonly string[] => readdirSync(folder).toSorted();

test("simulate: an interrupt ends the run at once, with nothing half-written", async () => {
  const outputs = ["--timeline", at("timeline.json"), "--report", at("report.html")];
  const { code, out, err } = await runBuilt(
    [
      "simulate",
      at("home.json"),
      at("plan.json"),
      "--duration",
      "1e7",
      "--progress",
      "json",
    ].concat(outputs),
    {
      interruptWhen: (text) => text.includes("simulatedSeconds"),
      killAfter: KILL_AFTER,
    },
  );
  expect(code, err).toBe(130);
  expect(out).toBe("");
  expect(err).toMatch(/Interrupted\.\n$/);
  expect(files()).toEqual(["home.json", "plan.json"]);
});

test("simulate: an interrupt before the run has begun counts, too", async () => {
  const text = readFileSync(at("home.json"), "utf8");
  writeFileSync(at("other.json"), text.replace("home-lab", "another"));
  const { code, out, err } = await runBuilt(
    ["simulate", at("other.json"), at("plan.json"), ...ENDLESS],
    { interruptWhen: (text) => text.includes("another version"), killAfter: KILL_AFTER },
  );
  expect(code, err).toBe(130);
  expect(out).toBe("");
  rmSync(at("other.json"));
});

test("compare: an interrupt ends all runs", async () => {
  const { code, out, err } = await runBuilt(
    ["compare", at("home.json"), "--placement", at("plan.json"), "--strategy", "separate"].concat(
      ENDLESS,
    ),
    { interruptWhen: (text) => text.includes("separate:"), killAfter: KILL_AFTER },
  );
  expect(code, err).toBe(130);
  expect(out).toBe("");
  expect(err).toMatch(/Interrupted\.\n$/);
});

test("simulate: in a thread of its own and without, the same bytes", async () => {
  const run = (threads: string) =>
    runBuilt(
      ["simulate", at("home.json"), at("plan.json"), "--warmup", "5", "--duration", "30"].concat([
        "--json",
        "--timeline",
        at(`${threads}.json`),
        "--threads",
        threads,
      ]),
    );
  const [own, main] = [await run("1"), await run("0")];
  expect(own.code, own.err).toBe(0);
  expect(own.out).toBe(main.out);
  expect(readFileSync(at("1.json"), "utf8")).toBe(readFileSync(at("0.json"), "utf8"));
});
