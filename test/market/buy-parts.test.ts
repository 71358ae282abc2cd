import { expect, test } from "vitest";
import { checkPlacement } from "../../src/check/check-placement.js";
import { partCluster } from "../../src/core/parting.js";
import { createRandom } from "../../src/core/random.js";
import { partedAs } from "../../src/formats/parted-as.js";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import { buyMachines } from "../../src/market/buy-machines.js";
import { buyMix, priceOf, type Market, type Offer } from "../../src/market/market.js";
import type { Goal } from "../../src/market/purchase.js";
import { UNCONSTRAINED } from "../../src/planner/problem/problem.js";
import { bruteForceOptimum, countPlacements } from "../support/brute-force.js";
import { createInlinePorts } from "../support/inline-ports.js";
import { listPartitions } from "../support/list-partitions.js";
import { allMixes } from "./random-market.js";

/** More by hand: `BUY_PARTS_CASES=100 npx vitest run test/market/buy-parts.test.ts`. */
const CASES = Number(process.env["BUY_PARTS_CASES"] ?? 5);
const MOST_PLACEMENTS = 3000;

/** A market of machines of one to four cards whose cards may be shared out; by seed alone. */
function partedMarket(seed: number): Market {
  const random = createRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[random.int(items.length)]!;
  const machineOf = (): ClusterFile["machines"][string] => {
    const nic = `${pick([0.05, 0.5, 100])} Gb/s`;
    const own = random.next() < 0.2 ? { tensorParallel: pick(["whole", 1] as const) } : {};
    if (random.next() < 0.2)
      return { cards: [{ gpu: "A10G" }, { gpu: "T4", count: 1 + random.int(2) }], nic };
    return { gpu: pick(["T4", "L4", "A10G"]), gpus: pick([1, 2, 2, 3, 4]), nic, ...own };
  };
  const names = ["a", "b"];
  const base: ClusterFile = {
    format: "helix-place/cluster@1",
    name: `parts ${seed}`,
    engine: "petals",
    model: {
      name: "small",
      layers: 2 + random.int(2),
      layerBytes: 9e9,
      activationBytes: 8000,
      tokenBytes: 4,
      kvBytesPerToken: 4000,
    },
    tensorParallel: "auto",
    workload: { promptTokens: 300, outputTokens: 100 },
    machines: Object.fromEntries(names.map((name) => [name, machineOf()])),
    nodes: random.next() < 0.4 ? [{ id: "own", machine: "a", region: "here" }] : [],
    network: { withinRegion: { bandwidth: "10 Gb/s" } },
    coordinator: { region: "here" },
  };
  const offers = names.map((machine): Offer => {
    const pricePerHour = Math.round(100 * (0.5 + 3 * random.next())) / 100;
    return { machine, region: "here", available: 1 + random.int(2), pricePerHour };
  });
  return { base, offers };
}

/** Most tokens/s of all partitions and placements; undefined where they are too many. */
function optimum(file: ClusterFile): number | undefined {
  if (file.nodes.length === 0) return 0;
  const cluster = resolveCluster("mix", file);
  const problems = listPartitions(cluster).map((partition) => ({
    cluster: partCluster(cluster, partition),
    partialInference: false,
    constraints: UNCONSTRAINED,
  }));
  if (problems.reduce((sum, each) => sum + countPlacements(each), 0) > MOST_PLACEMENTS)
    return undefined;
  return Math.max(0, ...problems.map((each) => bruteForceOptimum(each).throughput));
}

function buy(market: Market, goal: Goal) {
  const planning = {
    iterationLimit: 8,
    gap: 1e-3,
    seed: 1,
    partialInference: false,
    solver: "highs",
    objective: "flow",
  } as const;
  return buyMachines(market, { goal, planning, threads: 0 }, createInlinePorts());
}

test(
  "machines bought are machines parted: against all mixes, partitions and placements",
  { timeout: 600_000 },
  async () => {
    let compared = 0;
    let parted = 0;
    for (let seed = 1; compared < CASES && seed < 40 * CASES; seed++) {
      const market = partedMarket(seed);
      const table = [];
      for (const counts of allMixes(market.offers)) {
        const throughput = optimum(buyMix(market, counts));
        if (throughput === undefined) break;
        table.push({ price: priceOf(market.offers, counts), throughput });
      }
      if (table.length < allMixes(market.offers).length) continue;
      compared += 1;
      const everything = Math.max(...table.map(({ price }) => price));
      const dollarsPerHour = everything * (0.3 + 0.6 * createRandom(seed).next());
      const affordable = table.filter(({ price }) => price <= dollarsPerHour);
      const best = Math.max(...affordable.map(({ throughput }) => throughput));
      const bought = await buy(market, { kind: "budget", dollarsPerHour });
      const reached = bought.result?.throughput ?? 0;
      expect(reached, `found in ${seed}`).toBeGreaterThanOrEqual(best * (1 - 5e-3));
      expect(reached, `found in ${seed}`).toBeLessThanOrEqual(best * (1 + 1e-6));
      expect(bought.bound, `bound of ${seed}`).toBeGreaterThanOrEqual(best * (1 - 1e-9));
      expect(bought.pricePerHour).toBeLessThanOrEqual(dollarsPerHour * (1 + 1e-9));
      // What is claimed is what the file written holds.
      if (bought.placement !== undefined) {
        const written = resolveCluster("bought.json", bought.file!);
        expect(
          checkPlacement(partedAs("p.json", written, bought.placement), bought.placement),
        ).toEqual([]);
        parted += Number(bought.placement.nodes.some(({ cards }) => cards !== undefined));
      }

      const most = Math.max(...table.map(({ throughput }) => throughput));
      const tokensPerSecond = most * (0.2 + 0.75 * createRandom(seed + 1).next()) + 1e-3;
      const serving = table.filter(({ throughput }) => throughput >= tokensPerSecond);
      const least = Math.min(...serving.map(({ price }) => price));
      const served = await buy(market, { kind: "target", tokensPerSecond });
      expect(served.bound, `price bound of ${seed}`).toBeLessThanOrEqual(least * (1 + 1e-9));
      if (served.mix === undefined) {
        expect(serving, `target of ${seed}`).toEqual([]);
        continue;
      }
      expect(served.result!.throughput).toBeGreaterThanOrEqual(tokensPerSecond * (1 - 1e-6));
      expect(served.pricePerHour, `price of ${seed}`).toBeGreaterThanOrEqual(least - 1e-9);
      expect(served.pricePerHour, `price of ${seed}`).toBeLessThanOrEqual(least * 1.001 + 1e-9);
    }
    expect(compared).toBe(CASES);
    expect(parted).toBeGreaterThan(CASES / 4);
  },
);
