import { resolveCluster } from "../formats/resolve-cluster.js";
import { fileWithArriving } from "../serving/plan/serve-arriving.js";
import { printable } from "../core/printable.js";
import { atLoad } from "../market/at-load.js";
import { findMarginalValues, TODAY_SHARE, type MarginalValues } from "../market/marginal-values.js";
import { runScenarios } from "../market/run-scenarios.js";
import type { ScenarioCrew } from "../market/scenario-crew.js";
import type { PlannedScenario, ScenarioJob, ScenarioPlanning } from "../market/scenario.js";
import type { ScenarioResult } from "../market/scenario-result.js";
import { shareTime, type TimeForAll } from "../market/share-time.js";
import { leaveTimeForTries, tryPlansOfOthers } from "../market/plans-of-others.js";
import { listLeftOut, type LeftOut } from "../market/listed-machines.js";
import { listExtras, listScenarioJobs } from "../market/today.js";
import { readClock } from "../node/node-ports.js";
import { requireWritable, writeWhole } from "../node/write-whole.js";
import { describeCaveats, joinCaveats } from "../report/assumptions.js";
import { formatRate } from "../report/format-number.js";
import { forPeople } from "../report/text-style.js";
import { tabulateMarginalValues } from "../report/what-if-marginal.js";
import { renderWhatIfReport } from "../report/what-if-report.js";
import { describeRows } from "../report/what-if-notes.js";
import { listScenarios, tabulateScenarios } from "../report/what-if-table.js";
import { optionError } from "./options.js";
import { describeCommand, EXIT, styleFor } from "./terminal.js";
import { readPlanning, readScenarioOptions, readShelf } from "./what-if-options.js";
import { withCrew, type WhatIfRun } from "./what-if-run.js";

/** Share of the time for today and scenarios, where rows of marginal values are to come. */
const SCENARIOS_SHARE = 0.5;

/** Changes to try beside today, and what one more or less of everything is worth. */
export async function compareScenarios(run: WhatIfRun): Promise<void> {
  const { options, context, today, prices, read, say } = run;
  const scenarios = await readScenarioOptions(options, read);
  if (scenarios.length === 0 && options.marginal !== true) {
    const expected = "a change to try, --budget, --target, --marginal or --sweep";
    throw optionError("what-if", "nothing to try", expected, "See helix-place what-if --help.");
  }
  for (const path of [options.output, options.report])
    if (path !== undefined) await requireWritable(path);
  const planning = readPlanning(options, options.marginal === true ? "marginal" : "scenarios");
  const jobs = listScenarioJobs(today, scenarios, planning, prices);
  await withCrew(run, async (crew) => {
    const { signal, err } = context.terminal;
    const time = timeForAll(planning.timeLimitSeconds);
    const first = options.marginal === true ? shareTime(crew, jobs.length, firstPart(time)) : crew;
    say("planning today's machines\n");
    const rows = await runScenarios(
      leaveTimeForTries(jobs),
      first,
      (_, { result }) => tell(run, result),
      signal,
    );
    const planned = await tryPlansOfOthers(jobs, rows, crew, signal);
    const marginal = await valueMore(run, { job: jobs[0]!, planned, crew, time });
    const results = planned.flatMap((one, at) =>
      one === undefined
        ? []
        : [atLoad(at === 0 ? (marginal?.today ?? one.result) : one.result, options.load)],
    );
    const values = options.marginal === true && marginal === undefined;
    const notPlanned = [
      ...jobs.flatMap(({ name }, at) => (planned[at] === undefined ? [name] : [])),
      ...(marginal?.missing ?? []),
    ];
    const missing = [...notPlanned, ...(values ? ["marginal values"] : [])];
    if (signal.aborted) {
      err(
        `Interrupted: ${notPlanned.length} not planned${values ? ", and no marginal values" : ""}; ${results.length === 0 ? "nothing was done before" : "what was done before follows"}.\n`,
      );
      if (results.length === 0) return;
    }
    show(run, { results, marginal, notPlanned, missing, alone: scenarios.length === 0 });
    await writeFiles(run, results, marginal, { missing, planning, time });
    if (results[0]!.outcome !== "planned" && scenarios.length === 0) context.exit(EXIT.no);
  });

  function firstPart({ now, until }: TimeForAll): TimeForAll {
    const share = scenarios.length === 0 ? TODAY_SHARE : SCENARIOS_SHARE;
    return { now, until: now() + share * (until - now()) };
  }
}

function timeForAll(seconds: number | undefined): TimeForAll {
  return { now: readClock, until: seconds === undefined ? Infinity : readClock() + seconds };
}

function tell({ say }: WhatIfRun, { name, reason, served, throughput }: ScenarioResult): void {
  const figures =
    served === undefined
      ? `${formatRate(throughput)} tokens/s`
      : `serves ${formatRate(served.decodeTokensPerSecond)} decode tokens/s`;
  say(`${printable(`${name}: ${reason ?? figures}`)}\n`);
}

interface Planned {
  readonly job: ScenarioJob;
  /** Today first. */
  readonly planned: readonly (PlannedScenario | undefined)[];
  readonly crew: ScenarioCrew;
  readonly time: TimeForAll;
}

/** Undefined where nobody asked for it, or an interrupt came before. */
async function valueMore(
  run: WhatIfRun,
  { job, planned: [unchanged], crew, time }: Planned,
): Promise<MarginalValues | undefined> {
  const { options, context, today, prices, say } = run;
  const { signal } = context.terminal;
  if (options.marginal !== true || unchanged === undefined || signal.aborted) return undefined;
  return findMarginalValues({
    job,
    today: unchanged,
    extras: listExtras(today, prices),
    shelf: readShelf(prices, today),
    crew,
    time,
    onDone: (result) => tell(run, result),
    onPhase: (doing) => say(`${doing}\n`),
    signal,
  });
}

interface Shown {
  readonly results: readonly ScenarioResult[];
  readonly marginal: MarginalValues | undefined;
  /** Names of the rows that an interrupt came before, and of all that it did. */
  readonly notPlanned: readonly string[];
  readonly missing: readonly string[];
  /** Today without scenarios beside it. */
  readonly alone: boolean;
}

function show(
  { options, context, today, prices }: WhatIfRun,
  { results, marginal, notPlanned, missing, alone }: Shown,
): void {
  const { terminal } = context;
  if (options.csv === true) return terminal.out(listScenarios(results), "costly");
  const assumptions = joinCaveats(results);
  if (options.json === true) {
    const figures = {
      scenarios: results,
      ...(terminal.signal.aborted ? { missing: notPlanned.length, missingRows: missing } : {}),
      ...(marginal === undefined ? {} : { marginal: marginal.values }),
      ...(assumptions.length === 0 ? {} : { assumptions }),
    };
    return terminal.out(`${JSON.stringify(figures, null, 2)}\n`, "costly");
  }
  const style = styleFor(terminal, "out");
  const parts = [
    ...(alone && marginal !== undefined ? [] : [tabulateScenarios(results, style)]),
    ...(marginal === undefined
      ? []
      : [tabulateMarginalValues(marginal.today, marginal.values, style)]),
  ];
  const lines = [
    parts.join("\n\n"),
    ...describeRows(results, marginal?.values, leftOutOf(marginal, { today, prices }), missing),
    ...describeCaveats(assumptions),
  ];
  terminal.out(`${forPeople(lines.join("\n"), style)}\n`, "costly");
}

/** Machines of the price list of which one more is not looked at. */
function leftOutOf(
  marginal: MarginalValues | undefined,
  { today, prices }: Pick<WhatIfRun, "today" | "prices">,
): readonly LeftOut[] {
  return marginal === undefined || prices === undefined
    ? []
    : listLeftOut(prices, today.file, today.referencedModel);
}

interface Written {
  /** Names of what an interrupt came before. */
  readonly missing: readonly string[];
  readonly planning: ScenarioPlanning;
  readonly time: TimeForAll;
}

async function writeFiles(
  { options, context, today, prices, sha256 }: WhatIfRun,
  results: readonly ScenarioResult[],
  marginal: MarginalValues | undefined,
  { missing, planning, time }: Written,
): Promise<void> {
  const unique = String(context.terminal.processId);
  const plan = marginal?.placement;
  if (options.output !== undefined && plan !== undefined) {
    // As plan writes it.
    const cluster = resolveCluster(today.file.name, today.file, today.referencedModel);
    const whole = fileWithArriving(cluster, plan, planning, () => time.until - time.now());
    const placement = { ...whole, cluster: { ...plan.cluster, sha256 } };
    await writeWhole(options.output, `${JSON.stringify(placement, null, 2)}\n`, unique);
  }
  if (options.report === undefined) return;
  const origin = { input: JSON.stringify(today.file, null, 2), command: describeCommand(context) };
  const page = renderWhatIfReport(
    today.file.name,
    results,
    marginal?.values,
    origin,
    leftOutOf(marginal, { today, prices }),
    missing,
  );
  await writeWhole(options.report, page, unique);
}
