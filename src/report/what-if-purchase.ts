import { printableData } from "../core/printable.js";
import type { RelinkedPair } from "../market/bought-file.js";
import type { ScenarioResult } from "../market/scenario-result.js";
import type { Goal, Purchase, PurchaseLimits, Service } from "../market/purchase.js";
import { describeLoad } from "./describe-load.js";
import { formatDollars, formatPercent, formatRate } from "./format-number.js";
import { reachesGoal } from "../market/reaches-goal.js";
import { describePurchaseHurry } from "./in-a-hurry.js";
import { describeLeftOut, describeSettled } from "./left-out.js";
import { describeNothing } from "./nothing-bought.js";
import { describeBeside } from "./purchase-beside.js";
import { describeUnlinkedRows } from "./unlinked-nodes.js";
import { formatTable } from "./table.js";
import type { TextStyle } from "./text-style.js";
import { describeBottleneck } from "./what-if-table.js";

/** What to buy, for people: the mix, what it carries, and what no mix can do. */
export function summarisePurchase(
  bought: Purchase,
  relinkedPairs: readonly RelinkedPair[] = [],
  style?: TextStyle,
): string {
  const purchase = printableData(bought);
  const { mix, result } = purchase;
  const lines = [titlePurchase(purchase)];
  if (mix === undefined || result === undefined) {
    lines.push(...explainPurchase(bought).map((line) => `  ${line}`));
    return lines.join("\n");
  }
  lines.push(
    "",
    mix.length === 0 ? describeNothingNeeded(purchase) : tabulateMix(mix, style),
    "",
    ...explainPurchase(bought, relinkedPairs).map((line) => `  ${line}`),
  );
  return lines.join("\n");
}

function describeNothingNeeded(purchase: Purchase): string {
  const { goal } = purchase;
  if (goal.kind === "budget")
    return "Nothing: no mix that was tried within the budget serves more than today's machines do.";
  return goal.limits !== undefined || reachesGoal(purchase)
    ? "Nothing needs to be bought: today's machines do it."
    : "Nothing: no mix that was tried serves more than today's machines do.";
}

/** What was looked for, in one line. */
export function titlePurchase(purchase: Purchase): string {
  const { goal, mix } = purchase;
  if (goal.kind === "budget") return `Best mix for ${formatDollars(goal.dollarsPerHour)} $/h`;
  const within =
    goal.limits === undefined ? "" : ` within ${describeLimits(goal.limits)}${statisticOf(goal)}`;
  const target = `${formatRate(goal.tokensPerSecond)} tokens/s${within}`;
  return mix === undefined || goal.limits !== undefined || reachesGoal(purchase)
    ? `Cheapest mix for ${target}`
    : `No mix that was tried serves ${target}; the nearest`;
}

const INTERRUPTED =
  "interrupted: this is the best so far; what else could be bought was not tried, or for moments only";

/** All that is said of a mix, a line each; of none, why there is none. */
export function explainPurchase(
  bought: Purchase,
  relinkedPairs: readonly RelinkedPair[] = [],
): readonly string[] {
  const purchase = printableData(bought);
  const { goal, mix, result } = purchase;
  const leftOut = [...describeLeftOut(purchase.leftOut), ...describeSettled(purchase.settled)];
  if (mix === undefined || result === undefined) return [...describeNothing(purchase), ...leftOut];
  return [
    ...(purchase.interrupted === true ? [INTERRUPTED] : []),
    describePrice(purchase.pricePerHour, result),
    ...describeServed(purchase),
    `planned: ${formatRate(result.throughput)} tokens/s (no placement on this mix carries more than ${formatRate(result.upperBound ?? 0)}: ${result.bound ?? "none"})`,
    `bottleneck: ${describeBottleneck(result.bottleneck)}`,
    ...describeUnlinkedRows([{ ...result, name: "what is bought" }, ...(purchase.beside ?? [])]),
    ...describeService(purchase),
    ...(purchase.beside ?? []).map((beside) => describeBeside(beside, goal)),
    ...describePurchaseHurry(purchase),
    ...describeBound(purchase),
    "the bound counts machines and their NICs; links between machines can only lower what a mix carries",
    ...describeCapacities(purchase),
    ...leftOut,
    ...printableData(relinkedPairs).map(
      ({ between, today, listed }) =>
        `links ${between.join(" – ")}: ${listed} Gb/s as on the price list, not ${today} Gb/s as today; to keep these, name the pair in the cluster's network.regions`,
    ),
  ];
}

/**
 * What no mix can do. Where T(k), the tokens/s of a machine with k layers, depends on the mix, the statement
 * is about T(k) of one mix, and the plan is compared with it by that measure.
 */
function describeBound(purchase: Purchase): readonly string[] {
  const { goal, bound, gap, capacities, reference, searchThroughput } = purchase;
  const most =
    goal.kind === "budget"
      ? `no mix within ${formatDollars(goal.dollarsPerHour)} $/h carries more than ${formatRate(bound)} tokens/s`
      : `no mix under ${formatDollars(bound)} $/h ${purchase.result?.served === undefined ? "reaches this" : "carries this as flow"}`;
  const dearer = purchase.pricePerHour > bound * (1 + 1e-4);
  const found =
    goal.kind === "target" && goal.limits !== undefined && dearer
      ? `, limits left aside; ${formatDollars(purchase.pricePerHour)} $/h is the least found that keeps them, not proven`
      : "";
  const statement = `${most}${found}; gap ${formatPercent(gap)}`;
  if (capacities === "given") return [`proven: ${statement}`];
  return [
    `proven for machines as fast as in ${reference} (how fast they are depends on the mix):`,
    `  so measured this mix carries ${formatRate(searchThroughput)} tokens/s, and ${statement}`,
  ];
}

function tabulateMix(mix: NonNullable<Purchase["mix"]>, style?: TextStyle): string {
  return formatTable(
    [
      { title: "machines" },
      { title: "region" },
      { title: "each $/h", align: "right" },
      { title: "$/h", align: "right" },
    ],
    mix.map(({ machine, region, count, pricePerHour }) => [
      `${count} × ${machine}`,
      region ?? "",
      formatDollars(pricePerHour),
      formatDollars(count * pricePerHour),
    ]),
    style,
  );
}

/** Limits in words: "0.5 s to the first token". */
function describeLimits(limits: PurchaseLimits): string {
  const { maxTimeToFirstToken: ttft, maxTimePerOutputToken: tpot } = limits;
  return [
    ...(ttft === undefined ? [] : [`${ttft} s to the first token`]),
    ...(tpot === undefined ? [] : [`${tpot} s per output token`]),
  ].join(", ");
}

function describePrice(bought: number, result: ScenarioResult): string {
  const { costPerHour, costPerMillionTokens } = result;
  const all =
    costPerHour === undefined
      ? "not all machines have a price, so what they cost together is not known"
      : `all machines ${formatDollars(costPerHour)} $/h, ${formatDollars(costPerMillionTokens, 3)} $ per million tokens at full flow`;
  return `bought for ${formatDollars(bought)} $/h; ${all}`;
}

function perMillionOutput({ costPerMillionOutputTokens: dollars, atLoad }: ScenarioResult): string {
  if (dollars === undefined) return "";
  const partly =
    atLoad === undefined
      ? ""
      : `, ${formatDollars(atLoad.costPerMillionOutputTokens)} $ at ${Math.round(100 * atLoad.load)} % of that load`;
  return `; ${formatDollars(dollars)} $ per million output tokens${partly}`;
}

/** What the last plan of the mix serves, in a run of its own. */
function describeServed({ result, today, mix = [] }: Purchase): readonly string[] {
  const served = result?.served;
  if (result === undefined || served === undefined) return [];
  const { decodeTokensPerSecond, promptTokensPerSecond, bound } = served;
  const step = result.batchTokens === undefined ? "" : ` in steps of ${result.batchTokens} tokens`;
  const most =
    bound === undefined ? "" : `, of at most ${formatRate(bound)} that any plan of this mix serves`;
  const more = today && decodeTokensPerSecond / today.decodeTokensPerSecond - 1;
  const beside =
    today === undefined || more === undefined || mix.length === 0
      ? []
      : [
          `today's machines alone serve ${formatRate(today.decodeTokensPerSecond)} decode tokens/s: this is ${formatPercent(Math.abs(more))} ${more < 0 ? "less" : "more"}`,
        ];
  return [
    `serves ${formatRate(decodeTokensPerSecond)} decode tokens/s${step}${most}, and ${formatRate(promptTokensPerSecond)} prompt tokens/s (simulated ${describeLoad(served)}${served.at === "saturation" ? "" : ", the most tried that keeps the limits"})${perMillionOutput(result)}`,
    ...beside,
  ];
}

/** What is served, where there are limits; else a word on what the purchase rests on. */
function describeService(purchase: Purchase): readonly string[] {
  const { service, result, goal } = purchase;
  if (service === undefined) {
    if (result?.served !== undefined) return describeChoice(purchase, result.served);
    return [
      "chosen by flow; what it serves under KV limits: plan --objective goodput, or simulate",
    ];
  }
  const { runs, kept } = service;
  return [
    `with the target arriving: ${describeFigures(service, statisticOf(goal))} (simulated)`,
    kept === runs
      ? `the limits are kept in ${runs === 3 ? "three" : runs} runs with fresh seeds`
      : `ATTENTION: ${runs - kept} of ${runs} runs with fresh seeds ${runs - kept === 1 ? "misses" : "miss"} the limits; ask for a little more`,
  ];
}

/** How the mix was chosen, and whether a target is served. */
function describeChoice(
  purchase: Purchase,
  { decodeTokensPerSecond, promptTokensPerSecond }: NonNullable<ScenarioResult["served"]>,
): readonly string[] {
  const { goal, oneType, together, withoutIdle, interrupted, beside = [], mix = [] } = purchase;
  const others = beside.some(({ name }) => name === "one machine type")
    ? "; no type of machine that was tried alone serves more for the money"
    : mix.length > 1 && interrupted !== true
      ? "; no type of machine was tried alone, as time was up"
      : "";
  const by =
    oneType === true
      ? "chosen by what it serves: machines of one type alone, against the mix of most flow"
      : together === true
        ? "chosen by what it serves: a mix by what each type of machine serves alone"
        : `the mix was chosen by flow, its plan by what it serves${others}`;
  const left = withoutIdle === true ? "; machines without work in its plan are left out" : "";
  const chosen = mix.length === 0 ? "chosen by what is served" : `${by}${left}`;
  if (goal.kind === "budget" || reachesGoal(purchase)) return [chosen];
  const all = decodeTokensPerSecond + promptTokensPerSecond;
  return [
    chosen,
    `ATTENTION: prompt and output tokens together, ${formatRate(all)} tokens/s are served, not ${formatRate(goal.tokensPerSecond)}: no mix that was tried serves the target. Offer more or faster machines, or give it more time (--time-limit)`,
  ];
}

/** Which of the latencies is limited, behind figures of it; means go without a word. */
function statisticOf(goal: Goal): string {
  return goal.kind === "target" && goal.limits?.statistic === "p95" ? " (p95)" : "";
}

function describeFigures(service: Service, statistic: string): string {
  const { decodeThroughput, neededThroughput, promptLatency, decodeLatency, runs, kept } = service;
  // What arrives in one run is some percent less or more by chance.
  const short = kept < runs ? ` of ${formatRate(neededThroughput)} arriving on average` : "";
  return `${formatRate(decodeThroughput)} decode tokens/s${short}, ${promptLatency.toFixed(2)} s to the first token, ${decodeLatency.toFixed(3)} s per output token${statistic}`;
}

function describeCapacities({ goal, capacities, rounds, result }: Purchase): readonly string[] {
  if (capacities === "given") return [];
  const lines = [
    `the search held T(k) fixed and took it anew from the mix it found: ${rounds} ${rounds === 1 ? "round" : "rounds"}`,
  ];
  if (goal.kind === "target" && result!.throughput < goal.tokensPerSecond * (1 - 1e-6)) {
    lines.push(
      "ATTENTION: with T(k) of this mix itself the target is missed; ask for a little more",
    );
  }
  return lines;
}
