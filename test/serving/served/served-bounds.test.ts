import { expect, test } from "vitest";
import { ENGINE_NAMES } from "../../../src/core/engine-choice.js";
import type { Placement } from "../../../src/core/placement.js";
import { createRandom } from "../../../src/core/random.js";
import { findEngine } from "../../../src/engines/engines.js";
import { ratesUnder } from "../../../src/engines/rates-under.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { truncatedSumBound } from "../../../src/planner/coverings/compute-bounds.js";
import { groupMachines } from "../../../src/planner/problem/machine-classes.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { boundBoth } from "../../../src/serving/served/bound-served.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";
import { randomChains, randomFleet, randomIntervals } from "../../../bench/random-fleets.js";

/** Small placements of the kinds that bench/served-bounds tries; SERVED_SEEDS=1-4000 tries all of these seeds. */
const PLACEMENTS = 120;
const SEEDS = (process.env["SERVED_SEEDS"] ?? "1-").split("-").map(Number);
const [FIRST, LAST] = [SEEDS[0]!, SEEDS[1]! > 0 ? SEEDS[1]! : Infinity];
const MOST = LAST < Infinity ? Infinity : PLACEMENTS;
/** Long enough for the first prompts, which come all at once, to have been followed by their outputs. */
const WINDOW = { warmupSeconds: 150, durationSeconds: 150 };
/** The fastest machines make millions of tokens a minute: their time is better spent on others. */
const MOST_FLOW = 4000;
const MODELS = ["gemma-3-12b", "mixtral-8x7b"];

test("whatever is placed, whatever runs it: served ≤ flow ≤ bound", () => {
  let tried = 0;
  let near = 0;
  for (let seed = FIRST; seed <= LAST && tried < MOST; seed += 1) {
    const random = createRandom(seed);
    const name = ENGINE_NAMES[random.int(ENGINE_NAMES.length)]!;
    const { placements, batching } = findEngine(name);
    const file = randomFleet(seed, { mostMachines: 6, models: MODELS });
    const cluster = resolveCluster("fleet", file, undefined, { name });
    const placement =
      placements === "chains" ? randomChains(cluster, random) : randomIntervals(cluster, random);
    if (placement === undefined) continue;
    const bound = truncatedSumBound(groupMachines(cluster, UNCONSTRAINED), cluster.model.layers);
    if (bound > MOST_FLOW) continue;
    const constraints = { ...UNCONSTRAINED, chainsOnly: placements === "chains" };
    // One request at a time: it takes long until the lengths seen are those of the mean request.
    const window = name === "exo" ? { warmupSeconds: 600, durationSeconds: 3000 } : WINDOW;
    const { flow, result } = simulatePlacement(cluster, placement, {
      ...window,
      seed,
      constraints,
      partialInference: false,
    });
    if (flow === 0) continue;
    tried += 1;
    const served = result.decodeTokensPerSecond + result.promptTokensPerSecond;
    // A batch that ends in the window may have begun before it, one on every chain.
    const tokens = batching.kind === "layerwise" ? 2048 : batching.batchTokens;
    const begun = (tokens * cluster.nodes.length) / window.durationSeconds;
    const which = `seed ${seed}, ${name}`;
    expect(served, which).toBeLessThanOrEqual(flow + Math.min(begun, 0.05 * flow));
    expect(flow, which).toBeLessThanOrEqual(bound * (1 + 1e-9));
    if (served > 0.95 * flow) near += 1;
  }
  // The flow is not only above what is served: random as they are, for 7 of 100 (21 of 300) it is what is served.
  expect(near).toBeGreaterThan(tried / 20);
  if (LAST < Infinity) console.log(`${tried} placements, ${near} within 5 % of their flow`);
}, 600_000);

test("what a machine does at most does not depend on the others", () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const file = randomFleet(seed, { mostMachines: 6 }) as { nodes: { id: string }[] };
    const more = {
      ...file,
      nodes: [...file.nodes, ...file.nodes.map((node) => ({ ...node, id: `${node.id}-b` }))],
    };
    const [few, many] = [file, more].map((one) => resolveCluster("fleet", one));
    for (const [at, machine] of few!.machines.entries()) {
      if (few!.nodes.every((node) => node.machine !== at)) continue;
      const rates = many!.machines[at]!.capacity.tokensPerSecond;
      machine.capacity.tokensPerSecond.forEach((rate, held) =>
        expect(rates[held]! / rate).toBeCloseTo(1, 9),
      );
    }
  }
});

/** Nodes that hold all layers are entered behind others: they compute a part of what they hold. */
test("where nodes are entered in the middle more is served than flows, and never more than the bound printed", () => {
  const engine = findEngine("helix");
  const cluster = ratesUnder(
    resolveCluster("entered", {
      format: "helix-place/cluster@1",
      name: "entered",
      model: "llama-3-8b",
      engine: "helix",
      workload: { promptTokens: 200, outputTokens: 50 },
      machines: { box: { gpu: "A10G", gpus: 4, nic: "25 Gb/s" } },
      nodes: ["a", "b", "c", "d"].map((id) => ({ id, machine: "box" })),
      network: { withinRegion: { bandwidth: "1 Gb/s", latency: "0.2 ms" } },
    }),
    engine,
  );
  const placement: Placement = [
    [0, 19],
    [31, 32],
    [17, 23],
    [2, 32],
  ];
  const { flow, result } = simulatePlacement(cluster, placement, {
    engine: "helix",
    seed: 1,
    warmupSeconds: 60,
    durationSeconds: 60,
  });
  expect(result.decodeTokensPerSecond + result.promptTokensPerSecond).toBeGreaterThan(1.2 * flow);
  const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
  const bound = boundBoth(problem, engine, flow);
  expect(result.decodeTokensPerSecond).toBeLessThanOrEqual(bound);
  // Nodes that are entered at their first layer alone serve no more than flows.
  const whole = { ...problem, partialInference: false };
  expect(boundBoth(whole, engine, flow)).toBeLessThan(bound);
});
