import { diceOf, type Dice } from "./dice.js";
import { bestOfAll, countPlacements } from "./oracle.js";
import type { RawCluster, RawConstraints } from "./raw-cluster.js";

/** Machines of a type that a region has to offer. */
interface RawOffer {
  readonly machine: string;
  readonly region: string;
  readonly count: number;
  readonly pricePerHour: number;
}

/** A question what to buy: today's cluster, what is on offer, and how much money or how many tokens. */
export interface MarketQuestion {
  readonly number: number;
  readonly today: RawCluster;
  readonly offers: readonly RawOffer[];
  /** Whether today's nodes stay. */
  readonly keep: boolean;
  readonly goal:
    | { readonly kind: "budget"; readonly dollarsPerHour: number }
    | { readonly kind: "target"; readonly tokensPerSecond: number };
  readonly partialInference: boolean;
  readonly iterationLimit: number;
  readonly seed: number;
}

/** One way to buy: what it costs and the most that it carries. */
export interface Mix {
  readonly counts: readonly number[];
  readonly price: number;
  readonly throughput: number;
}

const MOST_PLACEMENTS = 500;
const MOST_MIXES = 36;

/** Question `number` of a seed: a function of the two alone. */
export function drawQuestion(seed: number, number: number): MarketQuestion {
  const dice = diceOf(seed, number);
  for (;;) {
    const today = drawToday(dice, `fuzz-${seed}-${number}`);
    const offers = drawOffers(dice, today);
    const mixes = offers.reduce((product, { count }) => product * (count + 1), 1);
    const partialInference = dice.chance(0.7);
    const draft = {
      number,
      today,
      offers,
      keep: dice.chance(0.3),
      partialInference,
      iterationLimit: dice.pick([1, 2, 4]),
      seed: dice.int(10_000),
    };
    const all = clusterOf(
      draft,
      offers.map(({ count }) => count),
    );
    if (mixes > MOST_MIXES || countPlacements(all, rulesOf(draft)) > MOST_PLACEMENTS) continue;
    const money = offers.reduce((sum, { count, pricePerHour }) => sum + count * pricePerHour, 0);
    const most = bestOfAll(all, rulesOf(draft)).throughput;
    const share = dice.int(120) / 100;
    const goal = dice.chance(0.5)
      ? ({ kind: "budget", dollarsPerHour: Math.max(0.01, share * money) } as const)
      : ({ kind: "target", tokensPerSecond: Math.max(1e-3, share * most) } as const);
    return { ...draft, goal };
  }
}

function drawToday(dice: Dice, name: string): RawCluster {
  const layers = dice.pick([1, 2, 2, 3]);
  const regions = ["r0", "r1"].slice(0, 1 + dice.int(2));
  const scale = dice.wild(0.1, 1e4);
  const wildness = dice.pick([5, 5, 100]);
  const activationBytes = dice.pick([16384, 10]);
  const bytes = (): number => activationBytes * scale * dice.wild(1 / wildness, 100);
  const machines = Object.fromEntries(
    ["m0", "m1", "m2"].slice(0, 1 + dice.int(3)).map((machine) => {
      const first = scale * dice.wild(1 / wildness, 1);
      const tokensPerSecond = Array.from(
        { length: 1 + dice.int(layers) },
        (_, k) => first / (k + 1) ** dice.pick([0.5, 1, 1.5]),
      );
      return [
        machine,
        { profile: { tokensPerSecond }, ...(dice.chance(0.3) ? { nic: bytes() } : {}) },
      ];
    }),
  );
  const nodes = Array.from({ length: 1 + dice.int(2) }, (_, at) => ({
    id: `own-${at}`,
    machine: dice.pick(Object.keys(machines)),
    region: dice.pick(regions),
  }));
  return {
    format: "helix-place/cluster@1",
    name,
    model: {
      name: "m",
      layers,
      layerBytes: 1e6,
      activationBytes,
      tokenBytes: 4,
      kvBytesPerToken: 10,
    },
    machines,
    nodes,
    network: {
      withinRegion: { bandwidth: 1e15 },
      acrossRegions: { bandwidth: dice.chance(0.2) ? 0 : bytes() },
      regions: [],
      links: [],
    },
    coordinator: { region: regions[0]!, ...(dice.chance(0.2) ? { nic: 4 * scale } : {}) },
  };
}

function drawOffers(dice: Dice, today: RawCluster): readonly RawOffer[] {
  const regions = [...new Set([today.coordinator.region, ...today.nodes.map((one) => one.region)])];
  const offers = Object.keys(today.machines).flatMap((machine) => {
    const price = Math.round(dice.wild(0.1, 10) * 100) / 100;
    return regions.flatMap((region) =>
      dice.chance(0.7)
        ? [
            {
              machine,
              region,
              count: 1 + dice.int(3),
              pricePerHour: price * dice.pick([1, 1, 1.3]),
            },
          ]
        : [],
    );
  });
  if (offers.length > 0) return offers;
  return [{ machine: "m0", region: regions[0]!, count: 2, pricePerHour: 1 }];
}

type Draft = Pick<MarketQuestion, "today" | "offers" | "keep" | "partialInference">;

const rulesOf = ({ partialInference }: Draft): RawConstraints => ({
  partialInference,
  pin: {},
  drain: [],
});

/** The cluster of today's nodes (where they stay) and so many machines of every offer. */
function clusterOf({ today, offers, keep }: Draft, counts: readonly number[]): RawCluster {
  const bought = offers.flatMap(({ machine, region }, at) =>
    Array.from({ length: counts[at]! }, (_, copy) => ({ id: `b${at}-${copy}`, machine, region })),
  );
  return { ...today, nodes: [...(keep ? today.nodes : []), ...bought] };
}

/** Every way to buy, by trying everything. */
export function listMixes(question: MarketQuestion): readonly Mix[] {
  let all: readonly (readonly number[])[] = [[]];
  for (const { count } of question.offers)
    all = all.flatMap((counts) =>
      Array.from({ length: count + 1 }, (_, bought) => [...counts, bought]),
    );
  return all.map((counts) => ({
    counts,
    price: counts.reduce((sum, count, at) => sum + count * question.offers[at]!.pricePerHour, 0),
    throughput: bestOfAll(clusterOf(question, counts), rulesOf(question)).throughput,
  }));
}
