import { printable } from "../core/printable.js";
import { GIGA } from "../core/units.js";
import type { Loss } from "../planner/change/list-losses.js";
import type { ChangeReport } from "../serving/plan/replan.js";
import { formatPercent, formatRate } from "./format-number.js";
import { formatTable } from "./table.js";

const gigabytes = (bytes: number): string => `${(bytes / GIGA).toFixed(2)} GB`;

/** Nodes of the placement that are gone, and those that it does not know. */
export interface ChangedNodes {
  readonly gone: readonly string[];
  readonly added: readonly string[];
}

/** A change next to its alternatives, with what is proven of it. */
export function summarizeReplan(report: ChangeReport, { gone, added }: ChangedNodes): string {
  const { best, floor, within, bytes, bytesBound, bytesMethod, bytesGap, loadRate } = report;
  const list = (ids: readonly string[]): string =>
    ids.length === 0 ? "none" : ids.map(printable).join(", ");
  const proof =
    bytes === 0
      ? "Nothing has to be loaded."
      : bytesBound <= 0
        ? "No bound beyond 0 bytes is known."
        : `No placement that keeps this loads less than ${gigabytes(bytesBound)} (${bytesMethod}): gap ${formatPercent(bytesGap)}.`;
  return [
    `Nodes gone: ${list(gone)}; new: ${list(added)}.`,
    `Kept: ${formatRate(floor)} tokens/s, ${formatPercent(1 - within)} of the best found, ${formatRate(best)}.`,
    proof,
    "",
    formatTable(
      [
        { title: "change" },
        { title: "tokens/s", align: "right" },
        { title: "to load", align: "right" },
        { title: "seconds", align: "right" },
        { title: "keeps the floor" },
      ],
      report.choices.map(({ name, throughput, bytes: loaded, seconds, keepsFloor }) => [
        name,
        formatRate(throughput),
        gigabytes(loaded),
        seconds.toFixed(1),
        keepsFloor ? "yes" : "no",
      ]),
    ),
    "",
    ...(report.choices.some(({ name }) => name === "repair by hand")
      ? []
      : [
          "No repair by hand: nobody has room for all that is missing beside what it holds, or is allowed to take it.",
        ]),
    `Seconds: until the last node has loaded, all at once at ${loadRate / GIGA} GB/s each (--load-rate; assumed, not measured)${report.ratesSaid === true ? ", or at the loadRate of their machines" : ""}.`,
  ].join("\n");
}

/** What every loss leaves, as a table. */
export function describeLosses(throughput: number, losses: readonly Loss[]): string {
  return [
    "What is left at once when it is lost, with new routes and nothing loaded (the coordinator stays):",
    "",
    formatTable(
      [
        { title: "lost" },
        { title: "nodes", align: "right" },
        { title: "tokens/s", align: "right" },
        { title: "left", align: "right" },
        { title: "layers that nobody holds", align: "right" },
      ],
      losses.map((loss) => [
        loss.name === "" ? `the only ${loss.kind}` : `${loss.kind} ${loss.name}`,
        String(loss.nodes),
        formatRate(loss.throughput),
        throughput === 0 ? "–" : formatPercent(loss.throughput / throughput),
        String(loss.uncovered),
      ]),
    ),
  ].join("\n");
}
