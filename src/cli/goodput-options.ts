import { Option, type Command } from "commander";
import type { PlanOptions } from "../serving/plan/plan.js";
import type { ServiceLimits } from "../serving/served/limits.js";
import { BATCHINGS, type BatchingName } from "../serving/simulate/batching.js";
import { numberOption } from "./options.js";

export interface GoodputOptions {
  readonly objective: "flow" | "goodput";
  readonly maxTtft?: number;
  readonly maxTpot?: number;
  readonly minThroughput?: number;
  readonly sloStatistic: ServiceLimits["statistic"];
  readonly batching: BatchingName;
}

/** Options of the objective "goodput". */
export function addGoodputOptions(command: Command): Command {
  const positive = numberOption({ atLeast: Number.MIN_VALUE });
  return command
    .addOption(
      new Option(
        "--objective <name>",
        "flow: most tokens/s the network carries; goodput: most decode tokens/s served under KV limits, judged by the simulator",
      )
        .choices(["flow", "goodput"])
        .default("flow"),
    )
    .option("--max-ttft <seconds>", "goodput: most time to first token", positive)
    .option("--max-tpot <seconds>", "goodput: most time per output token", positive)
    .option("--min-throughput <tokens/s>", "goodput: least decode throughput", positive)
    .addOption(
      new Option("--slo-statistic <name>", "goodput: what of the latencies is limited")
        .choices(["mean", "p95"])
        .default("mean"),
    )
    .addOption(
      new Option("--batching <policy>", "goodput: how nodes form batches, as in simulate")
        .choices(BATCHINGS)
        .default("layerwise"),
    );
}

/** Limits without an objective ask for goodput. */
export function readGoodputOptions(
  options: GoodputOptions,
): Pick<PlanOptions, "objective" | "limits" | "batching"> {
  const { maxTtft, maxTpot, minThroughput } = options;
  const limited = [maxTtft, maxTpot, minThroughput].some((limit) => limit !== undefined);
  return {
    objective: limited ? "goodput" : options.objective,
    batching: options.batching,
    limits: {
      statistic: options.sloStatistic,
      ...(maxTtft === undefined ? {} : { maxTimeToFirstToken: maxTtft }),
      ...(maxTpot === undefined ? {} : { maxTimePerOutputToken: maxTpot }),
      ...(minThroughput === undefined ? {} : { minThroughput }),
    },
  };
}
