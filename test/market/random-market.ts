import type { ClusterFile } from "../../src/formats/cluster-schema.js";
import { createRandom } from "../../src/core/random.js";
import type { Market, Offer } from "../../src/market/market.js";

const ACTIVATION_BYTES = 1000;

/** A small market with given T(k), one or two regions, links thin in half of the cases; a function of the seed. */
export function randomMarket(seed: number): Market {
  const random = createRandom(seed);
  const layers = 2 + random.int(3);
  const machineNames = ["big", "mid", "small"].slice(0, 2 + random.int(2));
  const machines = Object.fromEntries(
    machineNames.map((name, index) => {
      const most = Math.max(1, Math.min(layers, 3 - index + random.int(2)));
      const rate = (3 - index) * (20 + 30 * random.next());
      const tokensPerSecond = Array.from(
        { length: most },
        (_, k) => Math.round((rate / (k + 1) ** (0.8 + 0.4 * random.next())) * 100) / 100,
      ).sort((a, b) => b - a);
      return [name, { profile: { tokensPerSecond } }];
    }),
  );
  const regions = random.next() < 0.5 ? ["here"] : ["here", "there"];
  const offers: Offer[] = [];
  let room = 4;
  for (const machine of machineNames) {
    for (const region of regions) {
      const available = Math.min(room, random.int(3));
      room -= available;
      if (available === 0) continue;
      const pricePerHour = Math.round(100 * (0.5 + 3 * random.next())) / 100;
      offers.push({ machine, region, available, pricePerHour });
    }
  }
  if (offers.length === 0) {
    offers.push({ machine: "big", region: "here", available: 2, pricePerHour: 1.5 });
  }
  const thin = random.next() < 0.5;
  const bandwidth = (thin ? 10 + 20 * random.next() : 1e5) * ACTIVATION_BYTES;
  const keeps = random.next() < 0.3;
  const base: ClusterFile = {
    format: "helix-place/cluster@1",
    name: `market ${seed}`,
    model: {
      name: "small",
      layers,
      layerBytes: 1,
      activationBytes: ACTIVATION_BYTES,
      tokenBytes: 10,
      kvBytesPerToken: 1,
    },
    workload: { promptTokens: 100, outputTokens: 100 },
    machines,
    nodes: keeps ? [{ id: "own", machine: machineNames[0]!, region: "here" }] : [],
    network: {
      withinRegion: { bandwidth: 1e5 * ACTIVATION_BYTES },
      acrossRegions: { bandwidth },
    },
    coordinator: { region: "here" },
  };
  return { base, offers };
}

/** All numbers of machines that offers allow. */
export function allMixes(offers: readonly Offer[]): readonly (readonly number[])[] {
  let mixes: readonly (readonly number[])[] = [[]];
  for (const { available } of offers) {
    mixes = mixes.flatMap((mix) =>
      Array.from({ length: available + 1 }, (_, count) => [...mix, count]),
    );
  }
  return mixes;
}
