import { printable } from "../core/printable.js";
import { GIGA } from "../core/units.js";
import type { ChangeFile } from "../formats/change-schema.js";
import { formatPercent, formatRate } from "./format-number.js";
import { formatTable } from "./table.js";
import type { TextStyle } from "./text-style.js";

/** Nodes named in a row of the table. */
const NAMED = 3;

/** The way from what runs to the new placement as a table, and whether it keeps the floor. */
export function describeSteps(change: ChangeFile, style?: TextStyle): string {
  const { steps, floor, throughput, seconds } = change;
  const rows = steps.map((step, at) => [
    String(at + 1),
    nameNodes(step.nodes),
    `${(step.bytes / GIGA).toFixed(2)} GB`,
    step.seconds.toFixed(1),
    formatRate(step.throughput),
    throughput.after === 0 ? "–" : formatPercent(step.throughput / throughput.after),
  ]);
  return [
    `The way there, ${seconds.toFixed(1)} s in ${steps.length} ${steps.length === 1 ? "step" : "steps"}; before it ${formatRate(throughput.before)} tokens/s, after it ${formatRate(throughput.after)}:`,
    "",
    formatTable(
      [
        { title: "step", align: "right" },
        { title: "nodes that load" },
        { title: "to load", align: "right" },
        { title: "seconds", align: "right" },
        { title: "tokens/s meanwhile", align: "right" },
        { title: "of the new", align: "right" },
      ],
      rows,
      style,
    ),
    "",
    describeFloor(floor),
  ].join("\n");
}

function describeFloor({ asked, kept, best, proven, secondsBelow }: ChangeFile["floor"]): string {
  if (kept)
    return `Every step leaves at least ${formatRate(asked)} tokens/s (--floor)${proven ? "; no order that does takes less time" : ""}.`;
  const most = proven
    ? `no order of steps keeps more than ${formatRate(best)}`
    : `the best order found keeps ${formatRate(best)}`;
  // Nodes that only give up layers load nothing, and are empty for a moment all the same.
  const below =
    secondsBelow === 0 ? "only while nodes change over" : `for ${secondsBelow.toFixed(1)} s`;
  return `${formatRate(asked)} tokens/s (--floor) cannot ${proven ? "" : "be seen to "}be kept all the way: ${most}. This one is below it ${below}${proven ? ", the least there is" : ""}.`;
}

function nameNodes(nodes: ChangeFile["steps"][number]["nodes"]): string {
  const named = nodes
    .slice(0, NAMED)
    .map(({ id, to }) => `${printable(id)} ${to === null ? "empty" : `${to[0]}–${to[1]}`}`);
  const more = nodes.length - named.length;
  return more > 0 ? `${named.join(", ")} and ${more} more` : named.join(", ");
}
