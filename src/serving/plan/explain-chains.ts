import type { Cluster } from "../../core/cluster.js";
import { nodeId } from "../../core/cluster.js";
import { chooseEngine } from "../../engines/choose-engine.js";
import { mostUnderWay } from "../../engines/engine.js";
import type { NodeReport } from "../simulate/result.js";
import { sumKinds, type ChainKind } from "./chain-runs.js";

/** What a kind of chain serves, and what holds it there. */
export interface ExplainedChains {
  /** Nodes of the first of them, in the order of the layers. */
  readonly nodes: readonly string[];
  /** Chains that serve alike. */
  readonly alike: number;
  /** Decode tokens/s of one of them. */
  readonly decodeTokensPerSecond: number;
  /** Half of its 95 % interval. */
  readonly uncertainty: number;
  /** Of what all chains serve, the share of all of these. */
  readonly share: number;
  /** Requests at a time in one of them. */
  readonly requests: number;
  /** Share of the time in which the busiest node works, and of its KV memory that the fullest one uses. */
  readonly busy: number;
  readonly kvUse: number;
  /** Requests: as many are under way as the engine takes, and there would be time and memory for more. */
  readonly full: "time" | "KV memory" | "both" | "requests" | "neither";
}

/** From this share on a node has nothing left to give. */
const FULL = 0.95;

/** Kinds of chains in words and figures, those that serve most first. */
export function explainChains(
  cluster: Cluster,
  kinds: readonly ChainKind[],
): readonly ExplainedChains[] {
  const all = sumKinds(kinds);
  const { batching } = chooseEngine(cluster, {}).engine;
  return kinds
    .map(({ chains, result }): ExplainedChains => {
      const { nodes } = chains[0]!;
      const reports = result.nodes.filter(({ node }) => nodes.includes(node));
      const most = (of: (report: NodeReport) => number): number =>
        reports.reduce((top, report) => Math.max(top, of(report)), 0);
      const { decodeTokensPerSecond, decodeConfidence, meanInFlight } = result;
      const [busy, kvUse] = [most((report) => report.busy), most((report) => report.kvUse)];
      const crowded =
        batching.kind === "chain" && meanInFlight >= FULL * mostUnderWay(batching, nodes.length);
      return {
        nodes: nodes.map((node) => nodeId(cluster, node)),
        alike: chains.length,
        decodeTokensPerSecond,
        uncertainty: Math.min(decodeTokensPerSecond, decodeConfidence),
        share: all === 0 ? 0 : (chains.length * decodeTokensPerSecond) / all,
        requests: meanInFlight,
        busy,
        kvUse,
        full: whatIsFull(busy, kvUse, crowded),
      };
    })
    .toSorted((a, b) => b.share - a.share);
}

function whatIsFull(busy: number, kvUse: number, crowded: boolean): ExplainedChains["full"] {
  if (busy >= FULL) return kvUse >= FULL ? "both" : "time";
  if (kvUse >= FULL) return "KV memory";
  return crowded ? "requests" : "neither";
}
