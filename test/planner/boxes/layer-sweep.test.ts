import { describe, expect, it } from "vitest";
import type { Cluster } from "../../../src/core/cluster.js";
import { createRandom, type Random } from "../../../src/core/random.js";
import { loadSolver } from "../../../src/math/solver/load-solver.js";
import { priceCovers } from "../../../src/planner/boxes/cover-prices.js";
import { sweepLayers } from "../../../src/planner/boxes/layer-sweep.js";
import { isPast, type SweepPath } from "../../../src/planner/boxes/sweep-path.js";
import { describeSweepNodes } from "../../../src/planner/boxes/sweep-limits.js";
import { UNCONSTRAINED } from "../../../src/planner/problem/problem.js";
import { drawTinyCluster, enumerateBest, makeBumpy } from "../../support/tiny-cluster.js";

const solver = await loadSolver("highs");
const [FIRST, LAST] = (process.env["LAYER_SWEEP_SEEDS"] ?? "1-16").split("-").map(Number);

/** Without links of their own, so that nodes of one machine and region are twins. */
function withTwins(seed: number): Cluster {
  const cluster = drawTinyCluster(seed);
  return { ...cluster, network: { ...cluster.network, exceptions: new Map() } };
}

/** The most that a placement promises which is told when so much is asked for; 0 if none is. Two sweeps go on by chance until one is done or they meet. */
function sweep(
  cluster: Cluster,
  { partial, random }: { readonly partial: boolean; readonly random: Random },
  flow: number,
  most: number,
): number {
  const all = [...cluster.nodes.keys()];
  const nodes = describeSweepNodes(cluster, all);
  const problem = { cluster, constraints: UNCONSTRAINED };
  let best = 0;
  const events = {
    flow: () => Math.max(flow, best * (1 + 1e-7)),
    most: () => most,
    prices: priceCovers(problem, all, { solver, shouldStop: () => false }),
    onPlacement: (_: unknown, promised: number) => (best = Math.max(best, promised)),
  };
  const paths: SweepPath[] = [[], []];
  const sweeps = [false, true].map((backward) =>
    sweepLayers(nodes, { partial, backward, looksPerStep: 10, worthKeeping: 0 }, events),
  );
  for (;;) {
    const turn = random.int(2);
    const next = sweeps[turn]!.next();
    if (next.done === true) return best;
    paths[turn] = next.value;
    if (isPast(paths[0]!, paths[1]!)) return best;
  }
}

describe("a sweep over the layers", () => {
  it.each([
    ["links of their own", drawTinyCluster],
    ["twins", withTwins],
    ["bumpy rates", (seed: number) => makeBumpy(drawTinyCluster(seed), seed)],
  ])("tells of a placement as good as the best of all: %s", (_, draw) => {
    let exact = 0;
    let carried = 0;
    for (let seed = FIRST!; seed <= LAST!; seed++) {
      for (const partial of [true, false]) {
        const cluster = draw(seed);
        const best = enumerateBest(cluster, partial);
        if (best === 0) continue;
        carried++;
        const label = `seed ${seed}${partial ? "" : " without partial inference"}`;
        // Just what can be carried; and all there is, from next to nothing on.
        for (const [flow, most] of [
          [best, best],
          [1e-5 * best, 1e6],
        ] as const) {
          const told = sweep(cluster, { partial, random: createRandom(seed) }, flow, most);
          expect(told, label).toBeGreaterThanOrEqual(best * (1 - 1e-9));
          if (told <= best * (1 + 1e-6)) exact++;
        }
      }
    }
    expect(carried).toBeGreaterThan(0);
    // NICs count activations only where a node surely gets some.
    expect(exact).toBeGreaterThan(1.6 * carried);
  });
});
