import { beforeAll, describe, expect, test } from "vitest";
import type { Placement } from "../../../src/core/placement.js";
import {
  importPlacement,
  type PlacementImport,
} from "../../../src/exchange/import/import-placement.js";
import { measureThroughput } from "../../../src/planner/problem/measure-throughput.js";
import { UNCONSTRAINED, type PlacementConstraints } from "../../../src/planner/problem/problem.js";
import { plan, type PlanOptions } from "../../../src/serving/plan/plan.js";
import { createInlinePorts } from "../../support/inline-ports.js";
import { clusterOf } from "../simulate/fixtures.js";

/** Four nodes that hold up to all of three layers, slow enough that a simulated second has few events. */
const bare = clusterOf({
  layers: 3,
  nodes: 4,
  kvTokens: 600,
  decodeSeconds: [
    [0, 0],
    [2, 6],
    [100, 12],
  ],
  promptSeconds: [
    [0, 0],
    [1000, 240],
  ],
});
const cluster = {
  ...bare,
  nodes: bare.nodes.map((node, at) => ({ ...node, id: ["a", "b", "c", "d"][at]! })),
};
const problem = { cluster, constraints: UNCONSTRAINED, partialInference: true };

/** "0:3 0:2 2:3 -": what every node holds. */
const byHand = (text: string): Placement =>
  text.split(" ").map((held) => {
    const [start, end] = held.split(":").map(Number);
    return end === undefined ? null : [start!, end];
  });

function imported(format: PlacementImport, text: string, nodes: readonly string[] = []): Placement {
  return importPlacement(format, [{ name: "running", text }], cluster, nodes).placement;
}

/** What a plan with other options, seeds and strategies came to: good of its kind, not of this one. */
async function planned(options: PlanOptions): Promise<Placement> {
  const effort = { iterationLimit: 1, threads: 0 } as const;
  const outcome = await plan(cluster, { ...effort, ...options }, createInlinePorts());
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  return outcome.placement;
}

const LOOSE = { statistic: "mean", maxTimeToFirstToken: 1e9, maxTimePerOutputToken: 1e9 } as const;
const parts = (...stages: readonly (readonly [node: string, start: number, end: number])[]) =>
  JSON.stringify({
    shards: stages.map(([node, startLayer, endLayer], deviceRank) => ({
      node,
      startLayer,
      endLayer,
      deviceRank,
    })),
  });

/** Where every warm start comes from; made once. */
const origins: Readonly<Record<string, () => Placement | Promise<Placement>>> = {
  "by hand: four copies": () => byHand("0:3 0:3 0:3 0:3"),
  "by hand: one copy, three idle": () => byHand("- - 0:3 -"),
  "by hand: a chain and a copy": () => byHand("0:1 1:2 2:3 0:3"),
  "by hand: two chains": () => byHand("0:2 2:3 0:1 1:3"),
  "by hand: overlapping": () => byHand("0:2 1:3 0:1 0:3"),
  "by hand: a shared end": () => byHand("0:1 0:1 0:1 1:3"),
  "by hand: a shared beginning": () => byHand("0:2 2:3 2:3 2:3"),
  "by hand: backwards": () => byHand("2:3 1:2 0:1 0:1"),
  "imported from Petals": () => imported("petals", "node,blocks\na,0:2\nb,2:3\nc,0:3\nd,1:3\n"),
  "imported from Parallax": () => imported("parallax", "a,0:1\nb,1:3\nc,0:1\nd,1:3\n"),
  "imported from vLLM": () =>
    imported("vllm", "VLLM_PP_LAYER_PARTITION=1,2 vllm serve m --pipeline-parallel-size 2\n", [
      "c",
      "d",
    ]),
  "imported from exo": () => imported("exo", parts(["d", 0, 1], ["b", 1, 2], ["a", 2, 3])),
  "a goodput plan": () => planned({ objective: "goodput", limits: LOOSE }),
  "a goodput plan of another seed": () =>
    planned({ objective: "goodput", limits: LOOSE, seed: 9, batching: "continuous" }),
  "a goodput plan without partial inference": () =>
    planned({ objective: "goodput", limits: LOOSE, partialInference: false }),
  "a goodput plan in chains": () =>
    planned({
      objective: "goodput",
      limits: LOOSE,
      constraints: { ...UNCONSTRAINED, chainsOnly: true },
    }),
  "a flow plan": () => planned({}),
  "a flow plan of one stage": () => planned({ constraints: { ...UNCONSTRAINED, maxDepth: 1 } }),
  "a flow plan by Petals' rule": () => planned({ baseline: "petals", seed: 3 }),
  "a flow plan with a node drained": () =>
    planned({ strategy: "stages", constraints: { ...UNCONSTRAINED, drained: new Set([1]) } }),
};

const starts = new Map<string, Placement>();
beforeAll(async () => {
  for (const [name, make] of Object.entries(origins)) starts.set(name, await make());
}, 60_000);

test("there are twenty", () => expect(starts.size).toBe(20));

describe.each(Object.keys(origins))("a warm start is never lost: %s", (name) => {
  test("a flow plan carries no less", async () => {
    const warmStart = starts.get(name)!;
    const carried = measureThroughput(problem, warmStart);
    expect(carried).toBeGreaterThan(0);
    // A strategy that finds little by itself leaves the warm start to speak for itself.
    for (const strategy of ["chain", "portfolio"] as const) {
      const found = await planned({ warmStart, strategy });
      expect(measureThroughput(problem, found)).toBeGreaterThanOrEqual(carried * (1 - 1e-9));
    }
  });

  test("a goodput plan is promised no lower rate than the warm start alone, but for what runs differ by", async () => {
    const warmStart = starts.get(name)!;
    const rateOf = async (constraints: PlacementConstraints): Promise<number> => {
      const options = {
        objective: "goodput",
        limits: LOOSE,
        iterationLimit: 1,
        threads: 0,
      } as const;
      const outcome = await plan(
        cluster,
        { ...options, warmStart, constraints },
        createInlinePorts(),
      );
      if (outcome.kind !== "planned") throw new Error(outcome.kind);
      const { at } = outcome.file.served!;
      return at === "saturation" ? NaN : at.rate;
    };
    const held = warmStart.flatMap((interval, node) =>
      interval === null ? [] : [[node, interval] as const],
    );
    const drained = new Set(
      warmStart.flatMap((interval, node) => (interval === null ? [node] : [])),
    );
    const alone = await rateOf({ ...UNCONSTRAINED, pins: new Map(held), drained });
    expect(alone).toBeGreaterThan(0);
    // Three per cent ahead in a run replaces a plan, and what is promised goes down in steps of three.
    expect(await rateOf(UNCONSTRAINED)).toBeGreaterThanOrEqual(0.95 * alone);
  });
});
