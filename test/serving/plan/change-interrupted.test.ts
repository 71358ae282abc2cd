import { expect, test } from "vitest";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import { chooseEngine } from "../../../src/engines/choose-engine.js";
import type { PlacementFile } from "../../../src/formats/placement-schema.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { fallBack, orderJob } from "../../../src/planner/change/change-job.js";
import { countLoadBytes } from "../../../src/planner/change/load-bytes.js";
import { findChange } from "../../../src/serving/plan/find-change.js";
import { problemFor } from "../../../src/serving/served/problem-for.js";
import { createInlinePorts } from "../../support/inline-ports.js";

/** Eight cards in chains of two, of which `lost` holds nothing any more, and what is known to change it. */
function drawQuestion(lost: number) {
  const cluster = resolveCluster("cards", {
    format: "helix-place/cluster@1",
    name: "cards",
    engine: "vllm",
    model: "qwen-2.5-14b",
    machines: { card: { gpu: "RTX 4090" } },
    nodes: [{ id: "n", machine: "card", count: 8 }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.1 ms" } },
  });
  const options = { objective: "served", engine: "vllm" } as const;
  const problem = problemFor(cluster, options);
  const halves: readonly LayerInterval[] = [
    [0, 24],
    [24, 48],
  ];
  const inHalves = (of: (node: number) => number): Placement =>
    cluster.nodes.map((_, node) => halves[of(node) % 2]!);
  const held = inHalves((node) => node).map((own, node) => (node === lost ? null : own));
  // Three chains that stay, and the same with a fourth. One or two of nodes that have all moved serve too little, also where alike ones are swapped, which load nothing.
  const moved = (most: number): Placement =>
    inHalves((node) => node + 1).map((own, node) => (node < most ? own : null));
  const known = [
    held.map((own, node) => (node < 6 ? own : null)),
    inHalves((node) => node),
    moved(2),
    moved(4),
  ];
  let simulated = 0;
  const file = {
    /** Asked for once for each simulation. */
    get served() {
      simulated += 1;
      return undefined;
    },
  };
  const question = {
    problem,
    held,
    known,
    anew: file as unknown as PlacementFile,
    rateOf: () => 1e9,
    chosen: chooseEngine(cluster, options),
    deadline: Infinity,
  };
  return { question, options, simulated: () => simulated };
}

test("an interrupted change is judged by few simulations, and is still the least known that serves enough", async () => {
  const runs: number[] = [];
  for (const interrupts of [false, true]) {
    const { question, options, simulated } = drawQuestion(7);
    const { problem, held } = question;
    const stop = new AbortController();
    let jobs = 0;
    const ports = {
      ...createInlinePorts(),
      // The search has found nothing by the time it is interrupted.
      runChange: (job: Parameters<typeof fallBack>[0]) => {
        jobs += 1;
        if (interrupts) stop.abort();
        const least = fallBack(job);
        const order = orderJob(job, least.placement, () => true);
        return Promise.resolve({ least, order });
      },
    };
    const signal = stop.signal;
    const found = await findChange(question, { ...options, signal, threads: 2 }, ports);
    expect(jobs).toBe(interrupts ? 1 : 2);
    runs.push(simulated());
    const worth = (placement: Placement): number =>
      found.servedOf!(placement)?.decodeTokensPerSecond ?? 0;
    expect(found.floor).toBeCloseTo(0.98 * found.best, 6);
    expect(worth(found.placement)).toBeGreaterThanOrEqual(found.floor * (1 - 1e-9));
    const load = countLoadBytes(problem.cluster.model, held);
    for (const each of question.known)
      if (worth(each) >= found.floor)
        expect(load.total(found.placement)).toBeLessThanOrEqual(load.total(each));
    expect(Math.max(...question.known.map(worth))).toBe(found.best);
    // What is known had been simulated before.
    expect(simulated()).toBe(runs.at(-1));
  }
  expect(runs[1]).toBeLessThan(runs[0]!);
});
