import { describeCaveats, joinCaveats } from "../report/assumptions.js";
import { atLoad } from "../market/at-load.js";
import type { ScenarioJob } from "../market/scenario.js";
import {
  emptySweep,
  mergeSweeps,
  readSweep,
  requireSameSweep,
  runSweep,
  writeSweep,
} from "../market/sweep.js";
import type { SweepState } from "../market/sweep.js";
import { readTextIfThere } from "../node/read-text.js";
import { requireWritable, writeWhole } from "../node/write-whole.js";
import { renderWhatIfReport } from "../report/what-if-report.js";
import { writeKubernetesJob, writeSlurmScript } from "../exchange/launch/sweep-manifests.js";
import { describeUnlinkedRows } from "../report/unlinked-nodes.js";
import { describeMissing } from "../report/what-if-notes.js";
import { describeHurry } from "../report/in-a-hurry.js";
import {
  describeUnsimulated,
  listScenarios,
  selectFront,
  tabulateScenarios,
} from "../report/what-if-table.js";
import { listScenarioJobs } from "../market/today.js";
import { listGridScenarios, parseGrid, positionsOfShard } from "../market/grid.js";
import { printPlanningOptions } from "./planning-options.js";
import { keepOperand } from "../core/quote-shell.js";
import { optionError } from "./options.js";
import { describeCommand, EXIT, show, styleFor } from "./terminal.js";
import { withCrew, type WhatIfRun } from "./what-if-run.js";
import { readPlanning, readScenariosFile, readShard } from "./what-if-options.js";

/** Seconds between two writes of the state. */
const SAVE_SECONDS = 2;

/** `what-if --sweep`, with `--shard`, `--merge` and `--emit`. */
export async function runSweepCommand(run: WhatIfRun): Promise<void> {
  const { options, context, say } = run;
  const { terminal } = context;
  if (options.emit !== undefined) return terminal.out(writeManifest(run));
  const jobs = await listJobs(run);
  const unique = String(terminal.processId);
  const { state: statePath } = options;
  for (const path of [statePath, options.report]) {
    if (path !== undefined) await requireWritable(path);
  }
  let state = emptySweep(jobs);
  if (options.merge !== undefined) {
    const parts = [];
    for (const source of options.merge) {
      const part = readSweep(source, await run.read(source));
      requireSameSweep(source, part, state);
      parts.push({ source, state: part });
    }
    if (statePath !== undefined) await readState(statePath, state);
    state = mergeSweeps(parts);
    const merged = writeSweep(state);
    await report(run, jobs, state, [...jobs.keys()]);
    if (statePath !== undefined) await writeWhole(statePath, merged, unique);
    return;
  }
  if (statePath !== undefined) {
    const known = await readState(statePath, state);
    if (known !== undefined) {
      say(`${known.results.size} of ${known.total} scenarios are done already\n`);
      state = known;
    }
  }
  const shard = options.shard === undefined ? { index: 0, of: 1 } : readShard(options.shard);
  const positions = positionsOfShard(jobs.length, shard.index, shard.of);
  let saved = performance.now();
  let writing = Promise.resolve();
  let unsaved: unknown;
  /** A state that cannot be written stops no sweep: its results are still shown at the end. */
  const write = (current: SweepState): Promise<void> => {
    const text = writeSweep(current);
    const save = async (): Promise<void> => {
      if (statePath === undefined) return;
      unsaved = await writeWhole(statePath, text, unique).catch((error: unknown) => error);
    };
    writing = writing.then(save);
    return writing;
  };
  let current = state;
  await withCrew(run, async (crew) => {
    try {
      await runSweep(jobs, positions, state, crew, async (next) => {
        current = next;
        say(`${next.results.size}/${jobs.length} scenarios\n`);
        if (performance.now() - saved < 1000 * SAVE_SECONDS) return;
        saved = performance.now();
        await write(next);
      });
    } finally {
      await write(current);
    }
  });
  const lost = terminal.signal.aborted && (statePath === undefined || unsaved !== undefined);
  if (!terminal.signal.aborted || (lost && current.results.size > 0)) {
    await report(run, jobs, current, positions);
  }
  if (unsaved !== undefined) throw unsaved;
}

/**
 * The state in a file, undefined where there is none yet.
 * @throws InputError when something else is there: it is not overwritten.
 */
async function readState(path: string, own: SweepState): Promise<SweepState | undefined> {
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  const known = readSweep(path, text);
  requireSameSweep(path, known, own);
  return known;
}

async function listJobs(run: WhatIfRun): Promise<readonly ScenarioJob[]> {
  const { options, today, prices, read } = run;
  const sweep = options.sweep!;
  const scenarios = sweep.endsWith(".json")
    ? await readScenariosFile(sweep, read)
    : listGridScenarios(parseGrid("--sweep", sweep));
  return listScenarioJobs(today, scenarios, readPlanning(options, "sweep"), prices);
}

/** @param positions rows that were to be planned here; the others are those of other parts. */
async function report(
  { options, context, today: { file } }: WhatIfRun,
  jobs: readonly ScenarioJob[],
  state: SweepState,
  positions: readonly number[],
): Promise<void> {
  const { terminal } = context;
  const open = [...jobs.keys()].filter((position) => !state.results.has(position));
  const own = new Set(positions);
  const missing = open.filter((position) => own.has(position)).map((at) => jobs[at]!.name);
  const elsewhere = open.length - missing.length;
  const results = jobs.flatMap((_, position) => {
    const result = state.results.get(position);
    return result === undefined ? [] : [atLoad(result, options.load)];
  });
  if (options.csv === true) {
    terminal.out(listScenarios(results), "costly");
  } else if (options.json === true) {
    terminal.out(writeSweep(state), "costly");
  } else {
    const today = state.results.has(0) ? results[0] : undefined;
    const front = selectFront(results).filter((result) => result !== today);
    const shownRows = today === undefined ? front : [today, ...front];
    const caveats = describeCaveats(joinCaveats(results));
    const table = tabulateScenarios(shownRows, styleFor(terminal, "out"));
    const notes = [
      ...describeMissing(missing),
      ...describeUnsimulated(results),
      ...describeUnlinkedRows(shownRows),
      ...describeHurry(shownRows),
      ...caveats,
    ];
    show(terminal, `${[table, ...notes].join("\n")}\n`, "costly");
    const left = [
      ...(missing.length === 0 ? [] : [`; ${missing.length} not planned yet`]),
      ...(elsewhere === 0 ? [] : [`; ${elsewhere} in other parts (--shard, --merge)`]),
    ].join("");
    const priced = results.every(({ costPerHour }) => costPerHour !== undefined);
    const which = priced ? "those that no other beats in throughput and cost" : "the 20 fastest";
    const shown = shownRows.length === results.length ? "" : `; shown: today and ${which}`;
    terminal.err(`${results.length} scenarios${left}${shown}\n`);
  }
  if (options.report !== undefined) {
    const origin = { input: JSON.stringify(file, null, 2), command: describeCommand(context) };
    const names = open.map((position) => jobs[position]!.name);
    const page = renderWhatIfReport(file.name, results, undefined, origin, [], names);
    await writeWhole(options.report, page, String(terminal.processId));
  }
  if (options.merge !== undefined && results.length < jobs.length) context.exit(EXIT.no);
}

function writeManifest({ options, clusterPath, context }: WhatIfRun): string {
  const { sweep, prices, shards, image, threads, emit } = options;
  if (clusterPath === "-") {
    throw optionError("cluster", "standard input", "a file", "Name a file that shards can read.");
  }
  const base = (path: string): string => keepOperand(path.split("/").at(-1)!);
  const fromFile = sweep!.endsWith(".json");
  const files = [
    clusterPath,
    ...(fromFile ? [sweep!] : []),
    ...(prices === undefined ? [] : [prices]),
  ].map(keepOperand);
  const own = emit === "kubernetes" ? base : keepOperand;
  const args = [
    "what-if",
    own(clusterPath),
    `--sweep=${fromFile ? own(sweep!) : sweep!}`,
    ...(prices === undefined ? [] : ["--prices", own(prices)]),
    ...printPlanningOptions(options, "what-if"),
    "--quiet",
  ];
  context.exit(EXIT.done);
  const shape = { shards, image, arguments: args, files, threads: Math.max(1, threads) };
  return emit === "kubernetes" ? writeKubernetesJob(shape) : writeSlurmScript(shape);
}
