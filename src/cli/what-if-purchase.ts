import { caveatsOf, withEstimateNotes } from "../core/estimate-notes.js";
import { describeCaveats } from "../report/assumptions.js";
import { buyMachines } from "../market/buy-machines.js";
import { createNodePorts } from "../node/node-ports.js";
import { requireWritable, writeWhole } from "../node/write-whole.js";
import { formatDollars, formatRate } from "../report/format-number.js";
import { forPeople } from "../report/text-style.js";
import { describePrices, renderPurchaseReport } from "../report/purchase-report.js";
import { summarisePurchase } from "../report/what-if-purchase.js";
import { boughtCluster, listRelinked } from "../market/bought-file.js";
import { everyOffer, openMarket } from "../market/market.js";
import type { MixProgress } from "../market/mix-search.js";
import type { Goal, Purchase, PurchaseLimits } from "../market/purchase.js";
import { planScenario, type ScenarioPlanning } from "../market/scenario.js";
import type { Model } from "../core/model.js";
import { fingerprintOf } from "../formats/load-cluster.js";
import { resolveCluster } from "../formats/resolve-cluster.js";
import { reachesGoal } from "../market/reaches-goal.js";
import { todayBeside } from "../market/stand-beside.js";
import { atLoad } from "../market/at-load.js";
import { optionError } from "./options.js";
import { describeCommand, EXIT, styleFor } from "./terminal.js";
import type { WhatIfRun } from "./what-if-run.js";
import { readLimits, readPlanning, type WhatIfOptions } from "./what-if-options.js";

/** Share of the time for today's machines, which a purchase stands beside. */
const TODAY_SHARE = 0.2;

/** `what-if --budget` and `--target`. */
export async function runPurchase(run: WhatIfRun): Promise<void> {
  const { options, context, today, prices, say } = run;
  const { terminal } = context;
  const { budget, target } = options;
  if (budget !== undefined && target !== undefined) {
    throw optionError("--budget", "--target as well", "one of the two", "Ask for one at a time.");
  }
  if (options.marginal === true) {
    const expected = "marginal values by themselves";
    throw optionError(
      "--marginal",
      "--budget or --target as well",
      expected,
      "Ask for one at a time.",
    );
  }
  if (prices === undefined) {
    const remedy = "Start from clusters/prices-example.json.";
    throw optionError("--prices", "no price list", "a file with machines and prices", remedy);
  }
  for (const path of [options.output, options.report]) {
    if (path !== undefined) await requireWritable(path);
  }
  const limits = readLimits(options);
  const goal = goalOf(options, limits);
  const { referencedModel } = today;
  const market = openMarket(
    today.file,
    prices,
    options.keep === true,
    referencedModel,
    options.prices,
  );
  const asked = readPlanning(options, "purchase");
  const { timeLimitSeconds: seconds } = asked;
  const share = (part: number): ScenarioPlanning =>
    seconds === undefined ? asked : { ...asked, timeLimitSeconds: part * seconds };
  const ports = createNodePorts();
  // What is bought beside them is compared with them on its own, unless there are limits.
  const apart = options.keep !== true || limits !== undefined;
  if (apart) say("planning today's machines\n");
  const job = { ...today, planning: withinLimits(share(TODAY_SHARE), limits) };
  const now = apart ? (await planScenario(job, ports, terminal.signal)).result : undefined;
  say("looking for what to buy\n");
  const bought = await buyMachines(
    market,
    {
      goal,
      planning: share(apart ? 1 - TODAY_SHARE : 1),
      threads: options.threads,
      signal: terminal.signal,
      onProgress: (progress) => say(describeProgress(goal, progress)),
      ...(referencedModel === undefined ? {} : { referencedModel }),
    },
    ports,
  );
  const purchase: Purchase = {
    ...bought,
    placement: namedFor(bought, referencedModel),
    result: bought.result && atLoad(bought.result, options.load),
    beside: [...(bought.beside ?? []), ...(now === undefined ? [] : [todayBeside(now)])],
  };
  const { file, ...rest } = purchase;
  const relinked = listRelinked(today.file, prices.network);
  const bound = Number.isFinite(rest.bound) ? rest.bound : null;
  const mix = file && boughtCluster(file, purchase.placement, referencedModel);
  // Where nothing is bought, what is said is said of the machines on offer.
  const described =
    mix ?? resolveCluster("the machines on offer", everyOffer(market), referencedModel);
  const caveats = caveatsOf(described);
  const style = styleFor(terminal, "out");
  const lines = [
    summarisePurchase(purchase, relinked, style),
    `  ${describePrices(prices)}`,
    ...describeCaveats(caveats).map((line) => `  ${line}`),
  ];
  const { name, date } = prices;
  const figures = { ...rest, bound, relinked, prices: { name, date } };
  terminal.out(
    options.json === true
      ? `${JSON.stringify(withEstimateNotes(described, figures), null, 2)}\n`
      : `${forPeople(lines.join("\n"), style)}\n`,
    "costly",
  );
  if (options.output !== undefined && file !== undefined) {
    const text = `${JSON.stringify(file, null, 2)}\n`;
    await writeWhole(options.output, text, String(terminal.processId));
  }
  if (options.report !== undefined) {
    const origin = {
      input: JSON.stringify({ cluster: today.file, prices }, null, 2),
      command: describeCommand(context),
    };
    const page = renderPurchaseReport(purchase, mix, origin, relinked, { prices, caveats });
    await writeWhole(options.report, page, String(terminal.processId));
  }
  if (terminal.signal.aborted) context.exit(EXIT.interrupted);
  else if (!reachesGoal(purchase)) context.exit(EXIT.no);
}

function goalOf({ budget, target }: WhatIfOptions, limits: PurchaseLimits | undefined): Goal {
  return budget === undefined
    ? { kind: "target", tokensPerSecond: target!, ...(limits === undefined ? {} : { limits }) }
    : { kind: "budget", dollarsPerHour: budget };
}

/** The plan of what is bought as one of the cluster file that -o writes. */
function namedFor({ placement, file }: Purchase, model: Model | undefined): Purchase["placement"] {
  if (placement === undefined || file === undefined) return placement;
  return { ...placement, cluster: { name: file.name, sha256: fingerprintOf(file, model) } };
}

/** Today's machines are judged as the purchase is. */
function withinLimits(
  planning: ScenarioPlanning,
  limits: PurchaseLimits | undefined,
): ScenarioPlanning {
  if (limits === undefined) return planning;
  return { ...planning, objective: "goodput", limits: { statistic: "mean", ...limits } };
}

function describeProgress(
  goal: Goal,
  { best, bound, round }: MixProgress & { readonly round: number },
): string {
  const found =
    best === undefined
      ? "nothing yet"
      : `${formatRate(best.throughput)} tokens/s for ${formatDollars(best.pricePerHour)} $/h`;
  const limit =
    goal.kind === "budget"
      ? `at most ${formatRate(bound)} tokens/s`
      : `at least ${formatDollars(bound)} $/h`;
  return `round ${round}: ${found}; ${limit}\n`;
}
