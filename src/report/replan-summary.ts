import type { Cluster } from "../core/cluster.js";
import { printable } from "../core/printable.js";
import { GIGA } from "../core/units.js";
import type { LossRepair, RepairedLoss, RepairedLosses } from "../serving/plan/replan-losses.js";
import type { ChangeReport } from "../serving/plan/replan.js";
import { formatPercent, formatRate } from "./format-number.js";
import { formatTable } from "./table.js";
import { PLAIN, type TextStyle } from "./text-style.js";

const gigabytes = (bytes: number): string => `${(bytes / GIGA).toFixed(2)} GB`;

/** Nodes of the placement that are gone, and those that it does not know. */
export interface ChangedNodes {
  readonly gone: readonly string[];
  readonly added: readonly string[];
}

/** A change next to its alternatives, with what is proven of it. */
export function summarizeReplan(
  report: ChangeReport,
  { gone, added }: ChangedNodes,
  style: TextStyle = PLAIN,
): string {
  const { best, floor, within, bytes, bytesBound, bytesMethod, bytesGap, loadRate } = report;
  const judged = report.measure === "served";
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
    `Kept at least: ${formatRate(floor)} ${judged ? "decode tokens/s served" : "tokens/s"}, ${formatPercent(1 - within)} of the best found, ${formatRate(best)}${judged ? ", each by simulation" : ""}.`,
    proof,
    "",
    formatTable(
      [
        { title: "change" },
        { title: judged ? "flow" : "tokens/s", align: "right" },
        ...(judged ? [{ title: "served", align: "right" } as const] : []),
        { title: "to load", align: "right" },
        { title: "seconds", align: "right" },
        { title: "carries enough" },
      ],
      report.choices.map(({ name, throughput, served, bytes: loaded, seconds, keepsFloor }) => [
        name,
        formatRate(throughput),
        ...(judged ? [formatRate(served ?? 0)] : []),
        gigabytes(loaded),
        seconds.toFixed(1),
        keepsFloor ? "yes" : "no",
      ]),
      style,
    ),
    "",
    ...(report.choices.some(({ name }) => name === "repair by hand")
      ? []
      : [
          "No repair by hand: nobody has room for all that is missing beside what it holds, or is allowed to take it.",
        ]),
    ...describeFront(report, style),
    `Seconds: until the last node has loaded, all at once at ${loadRate / GIGA} GB/s each (--load-rate; assumed, not measured)${report.ratesSaid === true ? ", or at the loadRate of their machines" : ""}.`,
    ...(report.step === undefined ? [] : [describeStepKept(report.step)]),
  ].join("\n");
}

/** Bytes against throughput, where it was asked for. */
function describeFront({ front = [] }: ChangeReport, style: TextStyle): readonly string[] {
  if (front.length === 0) return [];
  return [
    "Fewest bytes found for each throughput, and what no placement of so much goes below:",
    "",
    formatTable(
      [
        { title: "of the best", align: "right" },
        ...["tokens/s", "to load", "at least", "gap"].map(
          (title) => ({ title, align: "right" }) as const,
        ),
      ],
      front.map(({ within, throughput, bytes, bytesBound }) => [
        formatPercent(1 - within),
        formatRate(throughput),
        gigabytes(bytes),
        gigabytes(bytesBound),
        formatPercent(bytes === 0 ? 0 : (bytes - bytesBound) / bytes),
      ]),
      style,
    ),
    "",
  ];
}

/** What every loss leaves at once, and what replanning makes of it, as a table: decode tokens/s served where it is known, or the flow. */
export function describeLosses(
  throughput: number,
  { served, losses, unsimulated, partsStay, step }: RepairedLosses,
  style: TextStyle = PLAIN,
): string {
  const whole = served ?? throughput;
  const left = (one: {
    readonly throughput: number;
    readonly served?: number;
  }): readonly string[] => {
    const value = served === undefined ? one.throughput : one.served;
    if (value === undefined) return ["–", "–"];
    return [formatRate(value), whole === 0 ? "–" : `${Math.round((100 * value) / whole)} %`];
  };
  return [
    "What is left at once when it is lost, with new routes and nothing loaded (the coordinator stays); and after replanning:",
    ...(served === undefined
      ? unsimulated === undefined
        ? []
        : [
            `Tokens/s are flow, prompt and output together, and users get less: what losses leave is simulated where an engine's chains share no node, and not here under ${unsimulated}.`,
          ]
      : [
          `Decode tokens/s by short simulations of each kind of chain at full load; as it is, the placement serves ${formatRate(served)}.`,
        ]),
    "",
    formatTable(
      [
        { title: "lost" },
        ...[
          "nodes",
          served === undefined ? "tokens/s" : "decode/s",
          "left",
          "layers nobody holds",
          "replanned",
          "left",
          "to load",
          "min",
        ].map((title) => ({ title, align: "right" }) as const),
      ],
      losses.map((loss) => [
        nameOf(loss),
        String(loss.nodes),
        ...left(loss),
        loss.uncovered === 0 ? "–" : String(loss.uncovered),
        ...describeRepair(loss.after, left),
      ]),
      style,
    ),
    ...describeImpossible(losses),
    ...(partsStay === true ? [PARTS_STAY] : []),
    ...(step === undefined ? [] : [describeStepKept(step)]),
    ...describeCuts(losses),
  ].join("\n");
}

/** Why no change leads to a placement, and what could. */
export function describeImpossibleChange(
  { nodes }: Cluster,
  { reason, remedy }: { readonly reason: string; readonly remedy: string },
): string {
  const anew = nodes.some(({ part }) => part !== undefined)
    ? " Cards stay shared out as the placement has them; helix-place plan may share them out otherwise."
    : "";
  return printable(`No placement exists: ${reason}. ${remedy}${anew}`);
}

const PARTS_STAY =
  "Replanned with the cards shared out as they are; sharing them out anew, as plan or what-if --remove do, may leave more.";

/** Planned anew another size may serve more. */
function describeStepKept(step: number): string {
  return `Replanned with steps of ${step} tokens, as they are; another size, as plan and what-if choose one, may serve more.`;
}

/** Why some losses leave no placement, each reason once with the rows it is of. */
function describeImpossible(losses: readonly RepairedLoss[]): readonly string[] {
  const rows = new Map<string, string[]>();
  for (const loss of losses) {
    if (loss.after.kind !== "impossible") continue;
    const { reason } = loss.after;
    rows.set(reason, [...(rows.get(reason) ?? []), nameOf(loss)]);
  }
  return [...rows].map(([reason, names]) => {
    const shown = names.slice(0, MOST_NAMED).join(", ");
    const more = names.length - MOST_NAMED;
    const of = more > 0 ? `${shown} and ${more} more` : shown;
    return printable(`Impossible without ${of}: ${reason}.`);
  });
}

function nameOf({ kind, name }: RepairedLoss): string {
  return name === "" ? `the only ${kind}` : `${kind} ${name.trim()}`;
}

/** Rows that share a reason and are named. */
const MOST_NAMED = 4;

/** Which rows their search was not done with, by why. */
function describeCuts(losses: readonly RepairedLoss[]): readonly string[] {
  const searched = losses.filter(({ after }) => "cutShort" in after || after.kind === "replanned");
  const list = (why: string): string | undefined => {
    const cut = searched.filter(({ after }) => "cutShort" in after && after.cutShort === why);
    if (cut.length === 0) return undefined;
    const all = cut.length > 1 && cut.length === searched.length;
    return all ? "all rows that were replanned" : printable(cut.map(nameOf).join(", "));
  };
  const [late, stopped] = [list("time-limit"), list("interrupted")];
  return [
    ...(late === undefined
      ? []
      : [
          `Replanning cut short by time (--time-limit): ${late}. With more of it more may be left, or less be loaded.`,
        ]),
    ...(stopped === undefined ? [] : [`Replanning interrupted: ${stopped}.`]),
  ];
}

function describeRepair(
  after: LossRepair,
  left: (one: Extract<LossRepair, { kind: "replanned" }>) => readonly string[],
): readonly string[] {
  if (after.kind !== "replanned") return [after.kind, "–", "–", "–"];
  return [...left(after), `${(after.bytes / GIGA).toFixed(1)} GB`, (after.seconds / 60).toFixed(2)];
}
