import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import { readPriceList } from "../../src/formats/price-list-schema.js";
import { buyMachines } from "../../src/market/buy-machines.js";
import { openMarket } from "../../src/market/market.js";
import type { Purchase } from "../../src/market/purchase.js";
import { INLINE_PORTS, type Verdict } from "./judge-plan.js";
import { listMixes, type MarketQuestion, type Mix } from "./market-question.js";

const TOLERANCE = 1e-6;

/** Asks what to buy and holds the answer against every mix with every placement. */
export async function judgePurchase(question: MarketQuestion): Promise<Verdict> {
  const mixes = listMixes(question);
  const optimum = optimumOf(question, mixes);
  const bought = await buy(question).catch((error: unknown) => `throws ${String(error)}`);
  const faults =
    typeof bought === "string" ? [bought] : [...faultsOf(question, bought, mixes, optimum)];
  const none = typeof bought !== "string" && bought.mix === undefined;
  return { faults, optimum, missed: none && Number.isFinite(optimum) && optimum > 0 };
}

/** Budget: the most tokens/s within it. Target: the least price that carries it, Infinity where none does. */
function optimumOf({ goal }: MarketQuestion, mixes: readonly Mix[]): number {
  if (goal.kind === "budget") {
    const within = mixes.filter(({ price }) => price <= goal.dollarsPerHour);
    return Math.max(0, ...within.map(({ throughput }) => throughput));
  }
  const serving = mixes.filter(({ throughput }) => throughput >= goal.tokensPerSecond);
  return Math.min(Infinity, ...serving.map(({ price }) => price));
}

async function buy(question: MarketQuestion): Promise<Purchase> {
  const { today, offers, keep, goal, seed, iterationLimit, partialInference } = question;
  const file = JSON.parse(JSON.stringify(today)) as ClusterFile;
  const machines: Record<string, object> = {};
  for (const { machine, region, count, pricePerHour } of offers) {
    const { availability = [] } = (machines[machine] ?? {}) as { availability?: object[] };
    machines[machine] = { availability: [...availability, { region, count, pricePerHour }] };
  }
  const prices = readPriceList("prices", {
    format: "helix-place/prices@1",
    name: "fuzz",
    date: "2026-01-01",
    machines,
  });
  const planning = { iterationLimit, gap: 0, seed, partialInference, solver: "highs" } as const;
  return buyMachines(openMarket(file, prices, keep), { goal, planning, threads: 0 }, INLINE_PORTS);
}

function* faultsOf(
  { goal, offers }: MarketQuestion,
  { mix, bound, pricePerHour, result }: Purchase,
  mixes: readonly Mix[],
  optimum: number,
): Iterable<string> {
  const atLeast = (value: number, least: number): boolean => value >= least * (1 - TOLERANCE);
  if (goal.kind === "budget" && !atLeast(bound, optimum)) yield `bound ${bound} below ${optimum}`;
  if (goal.kind === "target" && !atLeast(optimum, bound)) yield `bound ${bound} above ${optimum}`;
  if (mix === undefined) return;
  const counts = offers.map(
    ({ machine, region }) =>
      mix.find((one) => one.machine === machine && one.region === region)?.count ?? 0,
  );
  const known = mixes.find((one) => String(one.counts) === String(counts));
  if (known === undefined) {
    yield `buys what is not on offer: ${JSON.stringify(mix)}`;
    return;
  }
  if (Math.abs(pricePerHour - known.price) > TOLERANCE * known.price + 1e-9)
    yield `says ${pricePerHour} $/h, the mix costs ${known.price}`;
  const throughput = result?.throughput ?? 0;
  if (!atLeast(known.throughput, throughput))
    yield `says ${throughput} tokens/s, the mix carries ${known.throughput}`;
  if (goal.kind === "budget" && !atLeast(goal.dollarsPerHour, known.price))
    yield `costs ${known.price} of ${goal.dollarsPerHour} $/h`;
  if (goal.kind === "target" && !atLeast(throughput, goal.tokensPerSecond))
    yield `carries ${throughput} of ${goal.tokensPerSecond} tokens/s`;
}
