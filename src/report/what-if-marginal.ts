import type { MarginalValue } from "../market/marginal-value.js";
import type { MemoryValue } from "../serving/served/service-estimate.js";
import type { ScenarioResult } from "../market/scenario-result.js";
import { formatRate } from "./format-number.js";
import { formatTable } from "./table.js";
import { formatDollars } from "./what-if-table.js";

/** Values of one more of everything, best first, and how far they can be trusted. */
export function tabulateMarginalValues(
  today: ScenarioResult,
  values: readonly MarginalValue[],
  memory: readonly MemoryValue[],
): string {
  const open = (today.upperBound ?? 0) - today.throughput;
  const table = formatTable(
    [
      { title: "one more" },
      { title: "tokens/s", align: "right" },
      { title: "gain", align: "right" },
      { title: "bound rises by", align: "right" },
      { title: "$/h", align: "right" },
      { title: "$/h per token/s", align: "right" },
    ],
    values.map(({ what, throughput, gain, boundGain, costPerHour }) => [
      what,
      formatRate(throughput),
      signed(gain),
      signed(boundGain),
      formatDollars(costPerHour),
      costPerHour === undefined || gain <= 0 ? "–" : (costPerHour / gain).toFixed(4),
    ]),
  );
  const note =
    open > 1e-6 * today.throughput
      ? `\nToday's plan is up to ${formatRate(open)} tokens/s from its bound: smaller gains may be the search's, not the machine's.`
      : "";
  return [`${table}${note}`, ...tabulateMemory(memory)].join("\n\n");
}

function tabulateMemory(memory: readonly MemoryValue[]): readonly string[] {
  if (memory.length === 0) return [];
  const table = formatTable(
    [
      { title: "one more" },
      { title: "nodes", align: "right" },
      { title: "goodput", align: "right" },
      { title: "gain", align: "right" },
      { title: "requests", align: "right" },
    ],
    memory.map(({ what, nodes, goodput, gain, concurrencyGain }) => [
      what,
      String(nodes),
      formatRate(goodput),
      signed(gain),
      signed(concurrencyGain),
    ]),
  );
  return [
    `${table}\nEstimates of the steady-state model for today's placement, decode tokens/s; flow does not depend on KV.`,
  ];
}

function signed(value: number): string {
  const shown = Math.abs(value) < 0.05 ? 0 : value;
  return `${shown < 0 ? "−" : "+"}${formatRate(Math.abs(shown))}`;
}
