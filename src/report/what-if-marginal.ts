import type { MarginalValue } from "../market/marginal-value.js";
import type { MemoryValue } from "../serving/served/service-estimate.js";
import type { ScenarioResult } from "../market/scenario-result.js";
import { columnsAsText, figures, type Column } from "./columns.js";
import { formatCount, formatDollars, formatRate } from "./format-number.js";
import type { TextStyle } from "./text-style.js";

/** What is told of one more of something. */
export const MARGINAL_COLUMNS: readonly Column<MarginalValue>[] = [
  { title: "one more", text: ({ what }) => what },
  figures("tokens/s", ({ throughput }) => throughput, formatRate),
  figures("gain", ({ gain }) => gain, signed),
  figures("bound rises by", ({ boundGain }) => boundGain, signed),
  figures("$/h", ({ costPerHour }) => costPerHour, formatDollars),
  figures("$/h per token/s", costOfGain, (dollars) => dollars.toFixed(4)),
];

function costOfGain({ costPerHour, gain }: MarginalValue): number | undefined {
  return costPerHour === undefined || gain <= 0 ? undefined : costPerHour / gain;
}

/** What is told of more memory for KV caches. */
export const MEMORY_COLUMNS: readonly Column<MemoryValue>[] = [
  { title: "one more", text: ({ what }) => what },
  figures("nodes", ({ nodes }) => nodes, formatCount),
  figures("goodput", ({ goodput }) => goodput, formatRate),
  figures("gain", ({ gain }) => gain, signed),
  figures("requests", ({ concurrencyGain }) => concurrencyGain, signed),
];

/** Values of one more of everything, best first, and how far they can be trusted. */
export function tabulateMarginalValues(
  today: ScenarioResult,
  values: readonly MarginalValue[],
  memory: readonly MemoryValue[],
  style?: TextStyle,
): string {
  const open = (today.upperBound ?? 0) - today.throughput;
  const note =
    open > 1e-6 * today.throughput
      ? `\nToday's plan is up to ${formatRate(open)} tokens/s from its bound: smaller gains may be the search's, not the machine's.`
      : "";
  const table = columnsAsText(MARGINAL_COLUMNS, values, style);
  return [`${table}${note}`, ...tabulateMemory(memory, style)].join("\n\n");
}

function tabulateMemory(memory: readonly MemoryValue[], style?: TextStyle): readonly string[] {
  if (memory.length === 0) return [];
  return [
    `${columnsAsText(MEMORY_COLUMNS, memory, style)}\nEstimates of the steady-state model for today's placement, decode tokens/s; flow does not depend on KV.`,
  ];
}

/** A difference: what rounds to nothing has no minus. */
function signed(value: number): string {
  const shown = Math.abs(value) < 0.05 ? 0 : value;
  return `${shown < 0 ? "−" : "+"}${formatRate(Math.abs(shown))}`;
}
