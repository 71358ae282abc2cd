import { readFileSync } from "node:fs";
import { buyMachines } from "../src/market/buy-machines.js";
import { createNodePorts } from "../src/node/node-ports.js";
import type { ScenarioCrew } from "../src/market/scenario-crew.js";
import { createScenarioWorkers } from "../src/node/scenario-workers.js";
import { emptySweep, runSweep, writeSweep } from "../src/market/sweep.js";
import { createRandom } from "../src/core/random.js";
import { printTable } from "./print-table.js";
import type { ClusterFile } from "../src/formats/cluster-schema.js";
import { readPriceList } from "../src/formats/price-list-schema.js";
import { applyChanges } from "../src/market/apply-changes.js";
import { listGridScenarios, parseGrid } from "../src/market/grid.js";
import { openMarket, type Market } from "../src/market/market.js";
import { median } from "./median.js";

// What to buy on the example price list (10 machine types × 4 regions, 80 layers) and on lists shaken
// by a seed, how that grows, and a sweep of 200 mixes of a cluster on one thread and on two. Compilers of
// the JavaScript engine take a second core's time beside one thread, some seconds in all: a short sweep
// (paper-24: half a minute) gains less from two threads than one of minutes (paper-24-three-regions).
// node build/bench/what-if.js [buy|growth|all] [seconds] [seeds of shaken lists, 1,2,3,4]
// node build/bench/what-if.js sweep [cluster] [repeats]

const [, , part = "all", ...rest] = process.argv;
const [secondsText = "60", seedsText = "1,2,3,4"] = part === "sweep" ? [] : rest;
const [swept = "clusters/paper-24.json", repeats = "1"] = part === "sweep" ? rest : [];
const seconds = Number(secondsText);

const read = (path: string): ClusterFile => JSON.parse(readFileSync(path, "utf8")) as ClusterFile;
const today = read("clusters/cloud-mix.json");
const prices = readPriceList(
  "prices",
  JSON.parse(readFileSync("clusters/prices-example.json", "utf8")),
);
const elapsed = (since: number): string => ((performance.now() - since) / 1000).toFixed(1);

async function buy(name: string, market: Market, dollarsPerHour: number): Promise<string[]> {
  const started = performance.now();
  let first = "–";
  const purchase = await buyMachines(
    market,
    {
      goal: { kind: "budget", dollarsPerHour },
      planning: {
        timeLimitSeconds: seconds,
        gap: 0.01,
        seed: 1,
        partialInference: true,
        solver: "highs",
      },
      threads: 2,
      onProgress: ({ best, bound }) => {
        if (first === "–" && best !== undefined && best.throughput >= 0.95 * bound) {
          first = elapsed(started);
        }
      },
    },
    createNodePorts(),
  );
  const types = new Set(market.offers.map(({ machine }) => machine)).size;
  const regions = new Set(market.offers.map(({ region }) => region)).size;
  return [
    name,
    `${types} × ${regions}`,
    String(market.offers.reduce((sum, { available }) => sum + available, 0)),
    dollarsPerHour.toFixed(0),
    (purchase.result?.throughput ?? 0).toFixed(1),
    purchase.bound.toFixed(1),
    `${(100 * purchase.gap).toFixed(2)} %`,
    first,
    elapsed(started),
    String(purchase.mixesPlanned),
    String(purchase.rounds),
  ];
}

const COLUMNS = [
  "instance",
  "types × regions",
  "machines",
  "$/h",
  "tokens/s",
  "bound",
  "gap",
  "s to 5 %",
  "s",
  "planned",
  "rounds",
].map((title) => ({ title, align: "right" as const }));

const market = openMarket(today, prices, false);

/** Availability × 0.5 … 1.5, prices ± 25 %, links between regions 1, 2 or 4 Gb/s, a model of 80 layers. */
function shakeMarket(seed: number): Market {
  const random = createRandom(seed);
  const offers = market.offers.map((offer) => ({
    ...offer,
    available: Math.max(1, Math.round(offer.available * (0.5 + random.next()))),
    pricePerHour: Math.round(offer.pricePerHour * (0.75 + 0.5 * random.next()) * 100) / 100,
  }));
  const model = ["llama-2-70b", "llama-3-70b"][random.int(2)]!;
  const acrossRegions = {
    bandwidth: `${[1, 2, 4][random.int(3)]!} Gb/s`,
    latency: "60 ms",
  };
  const { regions: _, ...network } = market.base.network;
  return { offers, base: { ...market.base, model, network: { ...network, acrossRegions } } };
}
if (part === "buy" || part === "all") {
  const rows = [];
  const model = (name: string): Market => ({ ...market, base: { ...market.base, model: name } });
  for (const name of ["llama-2-70b", "llama-3-70b"]) rows.push(await buy(name, model(name), 100));
  for (const seed of seedsText.split(",").filter(Boolean)) {
    rows.push(await buy(`shaken, seed ${seed}`, shakeMarket(Number(seed)), 100));
  }
  printTable(COLUMNS, rows);
}
if (part === "growth" || part === "all") {
  const rows = [];
  for (const factor of [1, 4, 16]) {
    const offers = market.offers.map((offer) => ({
      ...offer,
      available: offer.available * factor,
    }));
    rows.push(await buy(`availability × ${factor}`, { ...market, offers }, 100));
  }
  printTable(COLUMNS, rows);
}
if (part === "sweep" || part === "all") {
  const file = read(swept);
  const scenarios = listGridScenarios(parseGrid("grid", "a100=1..10,t4=1..20"));
  const planning = {
    iterationLimit: 16,
    gap: 0.01,
    seed: 1,
    partialInference: true,
    solver: "highs" as const,
  };
  const jobs = scenarios.map((scenario) => ({
    name: scenario.name,
    file: applyChanges(file, scenario),
    planning,
  }));
  const all = [...jobs.keys()];
  const texts: string[] = [];
  const times = new Map<number, number[]>([
    [1, []],
    [2, []],
  ]);
  for (const threads of Array.from({ length: Number(repeats) }, () => [1, 2]).flat()) {
    const crew = createScenarioWorkers(threads);
    const [started, used] = [performance.now(), process.cpuUsage()];
    let busy = 0;
    const timed: ScenarioCrew = {
      ...crew,
      run: async (job) => {
        const since = performance.now();
        const planned = await crew.run(job);
        busy += performance.now() - since;
        return planned;
      },
    };
    const state = await runSweep(jobs, all, emptySweep(jobs), timed, async () => undefined);
    const wall = performance.now() - started;
    const { user, system } = process.cpuUsage(used);
    times.get(threads)!.push(wall / 1000);
    await crew.dismiss();
    texts.push(writeSweep(state));
    console.log(
      `${jobs.length} scenarios, ${threads} threads: ${(wall / 1000).toFixed(1)} s, ` +
        `${((user + system) / 1e6).toFixed(1)} s of processor time, threads with a scenario in hand ` +
        `${((100 * busy) / (threads * wall)).toFixed(1)} % of the time`,
    );
  }
  const [one, two] = [1, 2].map((threads) => median(times.get(threads)!));
  const same = texts.every((text) => text === texts[0]);
  console.log(`speed-up (medians) ${(one! / two!).toFixed(2)}, same bytes: ${same}`);
}
