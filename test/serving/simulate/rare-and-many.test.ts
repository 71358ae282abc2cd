import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { InputError } from "../../../src/core/errors.js";
import { createRandom } from "../../../src/core/random.js";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import { createArrivals } from "../../../src/serving/simulate/arrivals.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";

const path = "clusters/one-machine.json";
const { cluster } = loadCluster(path, readFileSync(path, "utf8"));
const placement = cluster.nodes.map(() => [0, cluster.model.layers] as const);

test.each(["vllm", "helix"] as const)(
  "%s: more requests than memory holds are refused, fewer than one in the time arrive never",
  (engine) => {
    const run = (tokensPerSecond: number): number =>
      simulatePlacement(cluster, placement, { engine, tokensPerSecond, durationSeconds: 1 }).result
        .requests.arrived;
    expect(() => run(1e18)).toThrow(InputError);
    expect(() => run(1e18)).toThrow("--rate: found 3.0e+17 requests to arrive");
    expect(run(1e-300)).toBe(0);
    expect(run(0)).toBe(0);
  },
);

test("the end of a run is no arrival's business until it comes", () => {
  const [short, long] = [10, 1000].map((until) => createArrivals(5, createRandom(1), until));
  for (let count = 0; count < 40; count += 1) expect(short!()).toBe(long!());
  const rest = Array.from({ length: 100 }, () => short!());
  expect(rest.at(-1)).toBe(Infinity);
  expect(rest.filter((time) => time < 10)).toHaveLength(rest.findIndex((time) => time >= 10));
});

test.each(["vllm", "helix"] as const)(
  "%s: a long run of one chain says how far it is",
  (engine) => {
    const told: number[] = [];
    const options = { engine, tokensPerSecond: 100, warmupSeconds: 0, durationSeconds: 400 };
    simulatePlacement(cluster, placement, options, { progress: (seconds) => told.push(seconds) });
    expect(told.length).toBeGreaterThan(20);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told[0]).toBeLessThan(20);
  },
);
