import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createNodePorts } from "../../src/node/node-ports.js";
import { createInlineScenarioCrew } from "../../src/market/scenario-crew.js";
import { emptySweep, runSweep, writeSweep } from "../../src/market/sweep.js";
import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import { applyChanges } from "../../src/market/apply-changes.js";
import { listGridScenarios, parseGrid } from "../../src/market/grid.js";

const cluster = JSON.parse(readFileSync("clusters/paper-24.json", "utf8")) as ClusterFile;
const planning = {
  iterationLimit: 1,
  gap: 0.01,
  seed: 1,
  partialInference: true,
  solver: "highs" as const,
};
const jobs = listGridScenarios(parseGrid("grid", "a100=3..4,t4=10..12")).map((scenario) => ({
  name: scenario.name,
  file: applyChanges(cluster, scenario),
  planning,
}));

test("a sweep plans most machines first, and its state is in the order of its scenarios", async () => {
  const inline = createInlineScenarioCrew(createNodePorts());
  const planned: string[] = [];
  const crew: typeof inline = {
    ...inline,
    run: (job) => {
      planned.push(job.name);
      return inline.run(job);
    },
  };
  const ignore = async (): Promise<void> => undefined;
  const state = await runSweep(jobs, [...jobs.keys()], emptySweep(jobs), crew, ignore);
  expect(planned).toEqual([
    "4xa100 12xt4",
    "3xa100 12xt4",
    "4xa100 11xt4",
    "3xa100 11xt4",
    "4xa100 10xt4",
    "3xa100 10xt4",
  ]);
  const backwards = [...jobs.keys()].toReversed();
  const half = await runSweep(jobs, backwards.slice(3), emptySweep(jobs), inline, ignore);
  const whole = await runSweep(jobs, backwards, half, inline, ignore);
  expect(writeSweep(whole)).toBe(writeSweep(state));
});
