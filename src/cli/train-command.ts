import { Option, type Command } from "commander";
import { drawTimeline } from "../report/train-timeline.js";
import { DEFAULT_TRAIN_OPTIONS, trainStepwise, type TrainOptions } from "../training/train.js";
import { InputError } from "../core/errors.js";
import { formatTrainingJson } from "../report/training-json.js";
import { TRAINING_LAUNCHERS, type Launcher } from "../exchange/launch/training-launchers.js";
import { forPeople, PLAIN } from "../report/text-style.js";
import { formatTrainingTable } from "../report/training-table.js";
import type { TrainingJob } from "../training/training-job.js";
import type { Steps } from "../training/run-steps.js";
import type { TrainResult } from "../training/train-result.js";
import { requireWritable, writeWhole } from "../node/write-whole.js";
import { complain, EXIT, styleFor, type CommandContext } from "./terminal.js";
import { deliver } from "./deliver.js";
import { readJob } from "./train-files.js";

/** How long the search may go on before the next look at interrupts. */
const PAUSE_MILLISECONDS = 50;

interface TrainFlags {
  readonly mode: "amp" | "exact";
  readonly top: string;
  readonly json?: true;
  readonly launcher?: Launcher;
  readonly output?: string;
  readonly timeline?: string;
  readonly layerTimes: "slowest" | "average";
  readonly nodeOrder: boolean;
  readonly memory: boolean;
  readonly recompute?: true;
  readonly zero?: string;
}

/** Adds `helix-place train <job.json>`: ranks model-parallel training strategies. */
export function addTrainCommand(program: Command, context: CommandContext): void {
  program
    .command("train")
    .description("rank model-parallel training strategies for a cluster of unlike machines")
    .argument("<job.json>", "training job; - reads standard input")
    .addOption(
      new Option("--mode <mode>", "exact: the joint optimum with a proof; amp: as published")
        .choices(["exact", "amp"])
        .default("exact"),
    )
    .option("--top <n>", "strategies to list, or all", String(DEFAULT_TRAIN_OPTIONS.top))
    .option("--json", "results as JSON instead of a table")
    .addOption(
      new Option("--launcher <name>", "how to start the best strategy").choices(
        Object.keys(TRAINING_LAUNCHERS),
      ),
    )
    .option("-o, --output <file>", "write the result there instead of to standard output")
    .option("--timeline <file.svg>", "draw the best strategy's 1F1B schedule")
    .addOption(
      new Option("--layer-times <rule>", "charge a stage its slowest GPU, or the cluster's average")
        .choices(["slowest", "average"])
        .default("slowest"),
    )
    .option("--no-node-order", "keep the job's node order instead of searching it")
    .option("--no-memory", "allow plans that exceed GPU memory")
    .option("--recompute", "recompute activations in the backward pass")
    .addOption(
      new Option("--zero <stage>", "spread optimiser state over replicas").choices([
        "0",
        "1",
        "2",
        "3",
      ]),
    )
    .action((path: string, flags: TrainFlags) => runTrain(path, flags, context));
}

async function runTrain(path: string, flags: TrainFlags, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const write = (file: string, text: string): Promise<void> =>
    writeWhole(file, text, String(terminal.processId));
  const options = readOptions(flags);
  const job = withFlags(await readJob(path, terminal), flags);
  for (const path of [flags.output, flags.timeline]) {
    if (path !== undefined && path !== "-") await requireWritable(path);
  }
  const result = await untilDone(trainStepwise(job, options), terminal.signal);
  if (result === undefined) {
    terminal.err("Interrupted.\n");
    return context.exit(EXIT.interrupted);
  }
  const best = result.plans[0];
  if (best === undefined) context.exit(EXIT.no);
  const text = formatResult(job, result, flags, context);
  if (text !== undefined) await deliver(text, flags.output, terminal);
  if (best !== undefined && flags.timeline !== undefined) {
    await write(flags.timeline, drawTimeline(job, best));
  }
}

/** The result of a search that pauses; undefined after an interrupt, which is heard in the pauses. */
async function untilDone(
  steps: Steps<TrainResult>,
  signal: AbortSignal,
): Promise<TrainResult | undefined> {
  for (;;) {
    await new Promise<void>((resolve) => void setTimeout(resolve));
    if (signal.aborted) return undefined;
    const until = performance.now() + PAUSE_MILLISECONDS;
    while (performance.now() < until) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }
}

/** The result's text; undefined (with the reason on stderr and exit code 1) when there is none. */
function formatResult(
  job: TrainingJob,
  result: TrainResult,
  flags: TrainFlags,
  { terminal, exit }: CommandContext,
): string | undefined {
  const toFile = flags.output !== undefined && flags.output !== "-";
  const style = toFile ? PLAIN : styleFor(terminal, "out");
  const best = result.plans[0];
  if (flags.launcher !== undefined && best !== undefined) {
    const launch = TRAINING_LAUNCHERS[flags.launcher](job, best);
    if (launch.status === "written") return launch.text;
    exit(EXIT.no);
    complain(terminal, `--launcher ${flags.launcher} refused: ${launch.reason}`);
    return undefined;
  }
  if (best === undefined) {
    complain(
      terminal,
      `no strategy fits: ${result.counts.infeasible} of ${result.counts.strategies} have no plan within memory and the partition rules`,
    );
    if (flags.json === undefined) return undefined;
  }
  return flags.json === true
    ? formatTrainingJson(job, result)
    : forPeople(formatTrainingTable(result, style, job), style);
}

function readOptions(flags: TrainFlags): TrainOptions {
  const top = flags.top === "all" ? Infinity : Number(flags.top);
  if (!(top >= 1) || (top !== Infinity && !Number.isInteger(top))) {
    throw new InputError("--top", [
      {
        path: "",
        found: JSON.stringify(flags.top),
        expected: 'a whole number of at least 1, or "all"',
        remedy: "Correct the value.",
      },
    ]);
  }
  return {
    mode: flags.mode,
    top,
    exact: {
      ...DEFAULT_TRAIN_OPTIONS.exact,
      timing: flags.layerTimes,
      nodeOrder: flags.nodeOrder ? "search" : "given",
      respectMemory: flags.memory,
    },
  };
}

function withFlags(job: TrainingJob, flags: TrainFlags): TrainingJob {
  return {
    ...job,
    memory: {
      ...job.memory,
      recompute: flags.recompute ?? job.memory.recompute,
      zeroStage:
        flags.zero === undefined ? job.memory.zeroStage : (Number(flags.zero) as 0 | 1 | 2 | 3),
    },
  };
}
