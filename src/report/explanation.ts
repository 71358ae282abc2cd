import { CARDS_AS } from "../core/parting.js";
import { printable, printableData } from "../core/printable.js";
import type { LayerInterval } from "../core/placement.js";
import { formatPercent, formatRate } from "./format-number.js";
import { formatTable } from "./table.js";
import { PLAIN, type TextStyle } from "./text-style.js";

interface Capacity {
  readonly kind: string;
  readonly node?: string;
  readonly from?: string;
  readonly to?: string;
  readonly capacity: number;
  /** Tokens/s gained per token/s more of it alone. */
  readonly marginal: number;
}

/** What an explanation says, in the words of `app/explain`. */
interface ExplanationData {
  readonly throughput: number;
  readonly bottleneck: readonly Capacity[];
  readonly binding: readonly Capacity[];
  readonly raised: number;
  readonly nodes: readonly {
    readonly id: string;
    readonly machine: string;
    readonly layers: LayerInterval | null;
    readonly capacity: number;
    readonly flow: number;
    readonly utilisation: number;
  }[];
  readonly advice: readonly {
    readonly action: string;
    readonly throughput: number;
    readonly gain: number;
  }[];
}

/** Most entries of a list that are spelled out. */
const MOST_LISTED = 8;
/** A plan with steps of one size, in the log of a search for the best of them. */
const STEPS_OF = /^steps of \d+ tokens$/;
/** A gain below this share of the throughput is none. */
const WORTHWHILE = 1e-6;

/** An explanation in words and a table. */
export function describeExplanation(explained: ExplanationData, style: TextStyle = PLAIN): string {
  const explanation = printableData(explained);
  const { throughput, bottleneck, binding, raised } = explanation;
  const lines = [
    `This placement carries ${formatRate(throughput)} tokens/s, no more, because of ${list(bottleneck.map(nameCapacity))}.`,
  ];
  if (binding.length > bottleneck.length) {
    lines.push(describeFull(binding));
  }
  lines.push(
    raised > throughput * (1 + WORTHWHILE)
      ? `If none of these limited, the next limit would be ${formatRate(raised)} tokens/s.`
      : "Even without these limits other capacities hold the same throughput.",
    ...describeIdle(explanation),
    "",
    ...describeAdvice(explanation),
    "",
    formatNodes(explanation, style),
  );
  return lines.join("\n");
}

/** All that is full at the same time, and what of it is worth raising alone. */
function describeFull(binding: readonly Capacity[]): string {
  const all = list(binding.map(nameCapacity));
  const alone = binding.filter(({ marginal }) => marginal > 0);
  return alone.length === 0
    ? `${binding.length} capacities are full at once, so raising one of them alone gives nothing: ${all}.`
    : `${binding.length} capacities are full at once: ${all}. Raising one of them alone gives something only with ${list(alone.map(nameCapacity))}.`;
}

/** What the cards shared out otherwise would serve, by the trials that chose among them; the best first. */
export function describeOtherCards(
  strategies: readonly { readonly strategy: string; readonly served?: number | undefined }[],
): readonly string[] {
  // One way is looked at more than once, from other starts and with steps of other sizes: the best look is what it serves.
  const ways = new Map<string, { served: number; step?: string }>();
  // A plan's looks stand before the size of its step.
  let open: string[] = [];
  for (const { strategy, served = 0 } of strategies) {
    const step = STEPS_OF.exec(strategy)?.[0];
    if (strategy.startsWith(CARDS_AS) && served >= (ways.get(strategy)?.served ?? 0)) {
      ways.set(strategy, { served });
      open.push(strategy);
    } else if (step !== undefined) {
      for (const way of open) ways.set(way, { ...ways.get(way)!, step });
      open = [];
    }
  }
  const looks = [...ways].toSorted(([, a], [, b]) => b.served - a.served);
  if (looks.length < 2) return [];
  const most = looks[0]![1].served;
  return [
    "",
    "How cards work together, by trials of the chains that anybody would make (decode tokens/s):",
    ...looks.slice(0, MOST_LISTED).map(([strategy, { served, step }]) => {
      const less = served < most ? ` (${formatPercent((most - served) / most)} less)` : "";
      const sized = step === undefined ? "" : ` in ${step}`;
      return `  ${formatRate(served)}${less}${sized}: ${printable(strategy.slice(CARDS_AS.length))}`;
    }),
  ];
}

function nameCapacity(capacity: Capacity): string {
  const value = `${formatRate(capacity.capacity)} tokens/s`;
  switch (capacity.kind) {
    case "link":
      return `the link ${capacity.from} → ${capacity.to} (${value})`;
    case "compute":
      return `the compute of ${capacity.node} (${value})`;
    case "nic-in":
      return `the inbound NIC of ${capacity.node} (${value})`;
    default:
      return `the outbound NIC of ${capacity.node} (${value})`;
  }
}

function list(entries: readonly string[]): string {
  if (entries.length > MOST_LISTED) {
    return `${entries.slice(0, MOST_LISTED).join(", ")} and ${entries.length - MOST_LISTED} more`;
  }
  return entries.length < 2
    ? entries.join("")
    : `${entries.slice(0, -1).join(", ")} and ${entries[entries.length - 1]}`;
}

function describeIdle({ nodes }: ExplanationData): readonly string[] {
  const idle = nodes.filter((node) => node.flow === 0).map((node) => node.id);
  return idle.length === 0 ? [] : [`Without work: ${list(idle)}.`];
}

function describeAdvice({ advice, throughput }: ExplanationData): readonly string[] {
  const useful = advice.filter((entry) => entry.gain > WORTHWHILE * throughput);
  if (useful.length === 0) {
    return [
      "No single addition beside the present layers helps; plan anew with the machines you consider.",
    ];
  }
  return [
    "What would help (all other layers as they are; planning anew may give more):",
    ...useful
      .slice(0, MOST_LISTED)
      .map(
        (entry) =>
          `  +${formatRate(entry.gain)} → ${formatRate(entry.throughput)} tokens/s: ${entry.action}`,
      ),
  ];
}

function formatNodes({ nodes, binding }: ExplanationData, style: TextStyle): string {
  const full = new Set(binding.map(({ node }) => node));
  const order = [...nodes].sort((a, b) => b.utilisation - a.utilisation);
  return formatTable(
    [
      { title: "node" },
      { title: "machine" },
      { title: "layers" },
      { title: "capacity", align: "right" },
      { title: "flow", align: "right" },
      { title: "used", align: "right" },
    ],
    order.map((node) => [
      node.id,
      node.machine,
      node.layers === null ? "–" : `[${node.layers[0]}, ${node.layers[1]})`,
      formatRate(node.capacity),
      formatRate(node.flow),
      `${Math.round(100 * node.utilisation)} %`,
    ]),
    style,
    order.map(({ id }) => (full.has(id) ? "bottleneck" : undefined)),
  );
}
