import { Option, type Command } from "commander";
import { DEFAULT_DECODE_ROUNDS } from "../engines/helix/layerwise-batching.js";
import type { Cluster } from "../core/cluster.js";
import { chooseEngine } from "../engines/choose-engine.js";
import { HELIX } from "../engines/helix/helix.js";
import type { SimulateOptions } from "../serving/simulate/simulate-placement.js";
import { LENGTH_PRESETS } from "../model/length-presets.js";
import { readTrace } from "../serving/simulate/trace-csv.js";
import type { EngineOptions } from "./engine-options.js";
import { numberOption, optionError } from "./options.js";
import { addPlanningOptions, readPlanningOptions } from "./planning-options.js";

/** Options that say what load a simulation puts on a placement; the same in every command. */
export interface LoadOptions extends EngineOptions {
  readonly rate?: number;
  readonly trace?: string;
  readonly workload?: string;
  readonly seed: number;
  readonly warmup?: number;
  readonly duration?: number;
  readonly paperWindow?: boolean;
  readonly concurrency?: number;
  readonly decodeRounds?: number;
  readonly allLinks?: boolean;
}

const { paperWindow: PAPER } = HELIX;
/** Thirty years: a simulation of more would not end. */
const MOST_SECONDS = 1e9;
/** More than memory is asked to hold at once. */
const MOST_CONCURRENT = 1e6;

export function addLoadOptions(command: Command): Command {
  return addPlanningOptions(command, "load")
    .option(
      "--rate <tokens/s>",
      "online: prompt and output tokens that arrive per second (default: offline, as many requests as fit)",
      numberOption({ atLeast: Number.MIN_VALUE }),
    )
    .option(
      "--trace <file>",
      "replay a trace of Azure or BurstGPT (CSV) or Mooncake (JSON lines), or - for standard input",
    )
    .addOption(
      new Option(
        "--workload <name>",
        "lengths of the requests (default: the cluster's workload)",
      ).choices(Object.keys(LENGTH_PRESETS)),
    )
    .option(
      "--warmup <seconds>",
      "not counted at the start (default: 900 offline, 300 online, 0 for a trace)",
      numberOption({ atLeast: 0, most: MOST_SECONDS }),
    )
    .option(
      "--duration <seconds>",
      "counted after the warm-up (default: 1500; a trace: all of it)",
      numberOption({ atLeast: 1, most: MOST_SECONDS }),
    )
    .option(
      "--paper-window",
      `${PAPER.warmupSeconds} s warm-up and ${PAPER.durationSeconds} s, as in the Helix paper`,
    )
    .option(
      "--concurrency <requests>",
      `offline, where nodes form their own batches: requests kept under way by schedulers other than helix (default: ${HELIX.offline.concurrency})`,
      numberOption({ atLeast: 1, most: MOST_CONCURRENT, whole: true }),
    )
    .option(
      "--decode-rounds <batches>",
      `decode-first batching: decode batches that may pass a waiting prompt (default: ${DEFAULT_DECODE_ROUNDS})`,
      numberOption({ atLeast: 1, whole: true }),
    )
    .option("--all-links", "schedulers other than helix may use links without flow, too");
}

/** What of a cluster says which load it takes. */
interface LoadedCluster extends Pick<Cluster, "engine"> {
  readonly model: Pick<Cluster["model"], "longestContext">;
}

/** The load as the library takes it. `note` tells of what was changed on the way. */
export async function readLoad(
  options: LoadOptions,
  read: (path: string) => Promise<string>,
  note: (text: string) => void,
  cluster: LoadedCluster,
): Promise<Omit<SimulateOptions, "scheduler">> {
  if (options.trace !== undefined && options.rate !== undefined) {
    throw optionError(
      "--rate",
      "together with --trace",
      "one of the two",
      "A trace brings its own times: leave one out.",
    );
  }
  const paper = options.paperWindow === true;
  const warmup = options.warmup ?? (paper ? PAPER.warmupSeconds : undefined);
  const duration = options.duration ?? (paper ? PAPER.durationSeconds : undefined);
  const trace =
    options.trace === undefined ? undefined : readTrace(options.trace, await read(options.trace));
  if (trace !== undefined && trace.unsorted > 0) {
    note(
      `Note: ${trace.unsorted} requests of ${options.trace} stood out of order; they were sorted by time.\n`,
    );
  }
  if (options.concurrency !== undefined) refuseFilled(cluster);
  const { longestContext = Infinity } = cluster.model;
  const tooLong = (trace?.arrivals ?? []).filter(
    ({ promptTokens, outputTokens }) => promptTokens + outputTokens > longestContext,
  ).length;
  if (tooLong > 0)
    note(
      `Note: ${tooLong} of ${trace!.arrivals.length} requests of ${options.trace} are longer, with their answers, than the ${longestContext} tokens that the model takes: engines refuse or cut them short, and here they are served.\n`,
    );
  return {
    ...readPlanningOptions(options, "load"),
    ...(options.rate === undefined ? {} : { tokensPerSecond: options.rate }),
    ...(trace === undefined ? {} : { trace: trace.arrivals }),
    ...(options.workload === undefined ? {} : { workload: options.workload }),
    ...(warmup === undefined ? {} : { warmupSeconds: warmup }),
    ...(duration === undefined ? {} : { durationSeconds: duration }),
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    ...(options.decodeRounds === undefined ? {} : { decodeRounds: options.decodeRounds }),
    ...(options.allLinks === true ? { allLinks: true } : {}),
  };
}

/** Chains take as many requests as they have room for. @throws InputError for those that are to have fewer. */
function refuseFilled(cluster: LoadedCluster): void {
  const { engine } = chooseEngine(cluster, {});
  if (engine.batching.kind !== "chain") return;
  throw optionError(
    "--concurrency",
    `engine ${engine.name}, whose chains take as many requests as they have room for`,
    "an engine whose nodes form their own batches: helix, petals or parallax",
    "Leave it out. With --rate fewer requests are under way; --max-sequences is the most that a chain takes.",
  );
}
