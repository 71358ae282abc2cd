import { expect, test } from "vitest";
import { readPlacementFile } from "../../src/formats/read-placement.js";
import { runBuilt } from "../support/built-cli.js";

/** The first thread ends when its first order comes, which nobody answers then. */
const KILLER = `
import { parentPort, threadId } from "node:worker_threads";
if (threadId === 1) parentPort.once("message", () => process.exit(7));`;

test("a search thread that dies is named in the plan, replaced, and loses nothing else", async () => {
  const argv = ["solver-fixtures/shared-head/cluster.json", "--threads", "1", "--gap", "0"];
  const limit = ["--iteration-limit", "2"];
  const { code, out, err } = await runBuilt([...argv, ...limit], { preload: KILLER });
  expect(code, err).toBe(0);
  const { solve, throughput } = readPlacementFile("out", out);
  expect(throughput).toBeCloseTo(10, 6);
  const failed = solve.strategies.flatMap(({ failed }) => failed ?? []);
  expect(failed).toHaveLength(1);
  expect(failed[0]).toContain("its thread died");
  expect(failed[0]).toContain("code 7");
  // There is one thread: all that came after ran in its successor.
  expect(solve.strategies.filter((entry) => entry.throughput !== undefined)).not.toHaveLength(0);
  expect(err).toContain("its thread died");
});
