import { printable } from "../core/printable.js";
import type { ExplainedChains } from "../serving/plan/explain-chains.js";
import type { Cluster } from "../core/cluster.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { isFlowMeant } from "./plan-carried.js";
import { formatPercent, formatRate } from "./format-number.js";
import { formatTable } from "./table.js";
import { PLAIN, type TextStyle } from "./text-style.js";

/** Above the flow of a placement that is not asked for by flow, where nothing is said of what chains serve. */
export function describeFlowAlone(cluster: Cluster, file: PlacementFile): readonly string[] {
  return isFlowMeant(cluster, file)
    ? []
    : ["The flow of all tokens through these layers, not what is served, which simulate says:"];
}

/** What each kind of chain serves alone, as a table, and how the flow that follows is to be read. */
export function describeChains(
  chains: readonly ExplainedChains[],
  style: TextStyle = PLAIN,
): string {
  const served = chains.reduce(
    (sum, { alike, decodeTokensPerSecond }) => sum + alike * decodeTokensPerSecond,
    0,
  );
  const uncertainty = Math.hypot(...chains.map(({ alike, uncertainty: each }) => alike * each));
  return [
    `The chains of this placement serve ${formatRate(served)} ± ${formatRate(uncertainty)} decode tokens/s together, by a simulation of each kind alone at full load:`,
    "",
    formatTable(
      [
        { title: "chain" },
        { title: "alike", align: "right" },
        { title: "decode/s each", align: "right" },
        { title: "share", align: "right" },
        { title: "requests each", align: "right", extra: true },
        { title: "busiest", align: "right", extra: true },
        { title: "fullest KV", align: "right", extra: true },
        { title: "full" },
      ],
      chains.map((chain) => [
        nameChain(chain.nodes),
        String(chain.alike),
        formatRate(chain.decodeTokensPerSecond),
        formatPercent(chain.share),
        chain.requests.toFixed(1),
        formatPercent(chain.busy),
        formatPercent(chain.kvUse),
        chain.full,
      ]),
      style,
    ),
    ...(chains.some(({ full }) => full === "requests")
      ? [
          "Requests: as many are under way as the engine takes at a time. Larger steps (--batch-tokens) or more sequences (--max-sequences) let in more, which need not serve more.",
        ]
      : []),
    ...(chains.some(({ full }) => full === "neither")
      ? [
          "Neither: batches of unlike size wait for one another (smaller ones are more alike: --batch-tokens), or for links.",
        ]
      : []),
    "",
    "The flow of all tokens through these layers, a bound and not what is served:",
  ].join("\n");
}

function nameChain(nodes: readonly string[]): string {
  const [first, ...others] = nodes.map(printable);
  return others.length === 0 ? first! : `${first} and ${others.length} more`;
}
