import { machineOf } from "../../../core/cluster.js";
import { createRandom } from "../../../core/random.js";
import { createResidents } from "../residents.js";
import type { SimulationInput } from "../simulation-input.js";
import type { Chain, ChainEngine, ChainSpec } from "./chain.js";
import { createChainCollector } from "./chain-metrics.js";
import { createEndlessFeed } from "./chain-feeds.js";
import { runChain } from "./chain-run.js";

/** So many requests would pass at a chain's flow while it is looked at, after half as many. */
const REQUESTS = 200;
/** Weights are part of how a placement is run: the same for every seed of its runs. */
const SEED = 1;

/**
 * By which weights requests are handed out: what each chain serves at full load, in a short run of its own that begins
 * full. Its flow is no measure of that: batches of a deep chain share its KV caches, so it may serve a tenth of it, and
 * given its share of the flow it is overloaded long before the others. Alike chains once; by the flows where all are alike.
 */
export function weighChains(
  { cluster, placement, lengths }: Pick<SimulationInput, "cluster" | "placement" | "lengths">,
  chains: readonly Chain[],
  specs: readonly ChainSpec[],
  engine: ChainEngine,
): readonly number[] {
  const flows = chains.map(({ flow }) => flow);
  const likeness = chains.map(({ nodes, flow }) =>
    JSON.stringify([
      flow.toPrecision(6),
      ...nodes.map((node) => [machineOf(cluster, node).name, ...placement[node]!]),
    ]),
  );
  if (new Set(likeness).size < 2) return flows;
  const known = new Map<string, number>();
  const perRequest = lengths.meanPromptTokens + lengths.meanOutputTokens;
  chains.forEach(({ nodes, flow }, index) => {
    const key = likeness[index]!;
    if (known.has(key) || flow <= 0) return;
    const seconds = (REQUESTS * perRequest) / flow;
    const collector = createChainCollector(seconds / 2, seconds, 1);
    const random = createRandom(SEED);
    const feed = createEndlessFeed(lengths, random.fork());
    const resident = createResidents(lengths, random.fork());
    runChain(specs[index]!, engine.batching, { ...feed, resident }, collector.forChain(nodes), {
      sampleTimes: collector.sampleTimes,
      untilSeconds: 1.5 * seconds,
    });
    known.set(key, collector.close(1.5 * seconds).decodeTokensPerSecond);
  });
  const weights = likeness.map((key) => known.get(key) ?? 0);
  return weights.some((weight) => weight > 0) ? weights : flows;
}
