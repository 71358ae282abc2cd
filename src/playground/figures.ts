import { SECONDS_PER_HOUR } from "../core/units.js";
import { describeLoad } from "../report/describe-load.js";
import { formatDollars, formatPercent, formatRate } from "../report/format-number.js";
import { describeStepChosen, describeStepsUntried } from "../report/step-chosen.js";
import type { PlanView } from "./answer.js";

/** One figure of a plan, as it is read and as it is compared. */
export interface Figure {
  readonly name: string;
  /** Undefined where it is not known. */
  readonly value: number | undefined;
  readonly text: string;
  /** Why it is not known, or what it rests on. */
  readonly note?: string;
  /** What it was found by, where there are several ways: figures of two ways are not compared. */
  readonly way?: string;
  /** Which way is good; absent: neither. */
  readonly better?: "more" | "less";
}

const NO_CURVES = "not known: the file says how much machines carry, not how long they take";
const NOT_YET = "known when the search ends";
const NO_PRICE = "set a price for every machine";

/**
 * What somebody wants to know of a plan, most wanted first.
 * @param busy it is not the last plan: what is only estimated may turn out otherwise where it is simulated.
 */
export function listFigures({ result, file }: PlanView, busy = false): readonly Figure[] {
  const { costPerHour } = result;
  const service = busy && file.served === undefined ? undefined : serviceOf(result, file);
  const perMillion =
    costPerHour === undefined || service === undefined || service.decode <= 0
      ? undefined
      : (costPerHour / (service.decode * SECONDS_PER_HOUR)) * 1e6;
  const seconds = (value: number | undefined): string =>
    value === undefined ? "–" : `${value.toFixed(value < 1 ? 3 : 2)} s`;
  const unknown = busy ? NOT_YET : NO_CURVES;
  const steps = busy ? [] : [describeStepChosen(file), describeStepsUntried(file)];
  const step = steps.filter((said) => said !== undefined).join("; ");
  const how = service === undefined ? unknown : service.how;
  const way = service === undefined ? {} : { way: service.way };
  return [
    {
      name: "Served, output tokens/s",
      value: service?.decode,
      text: service === undefined ? "–" : formatRate(service.decode),
      note: step === "" ? how : `${how}; ${step}`,
      ...way,
      better: "more",
    },
    {
      name: "Flow, tokens/s",
      value: result.throughput,
      text: formatRate(result.throughput),
      note: "prompt and output tokens the network can carry: an upper limit, not a promise",
      better: "more",
    },
    {
      name: "Proven bound, tokens/s",
      value: result.upperBound,
      text: formatRate(result.upperBound ?? Infinity),
      note: `no placement carries more; this plan is ${formatPercent(file.gap)} below (${file.bound})`,
    },
    {
      name: "Time to first token",
      value: service?.firstToken,
      text: seconds(service?.firstToken),
      note: service === undefined ? unknown : "mean, at full load",
      ...way,
      better: "less",
    },
    {
      name: "Time per output token",
      value: service?.perToken,
      text: seconds(service?.perToken),
      note: service === undefined ? unknown : "mean, at full load",
      ...way,
      better: "less",
    },
    {
      name: "$ per million output tokens",
      value: perMillion,
      text: formatDollars(perMillion),
      note: costPerHour === undefined ? NO_PRICE : service === undefined ? unknown : how,
      ...way,
      better: "less",
    },
    {
      name: "$ per hour",
      value: costPerHour,
      text: formatDollars(costPerHour),
      ...(costPerHour === undefined ? { note: NO_PRICE } : {}),
      better: "less",
    },
  ];
}

interface Service {
  readonly decode: number;
  readonly firstToken: number;
  readonly perToken: number;
  readonly how: string;
  readonly way: string;
}

/** What is served: by simulation where there was one, else by the planner's estimate. */
function serviceOf(
  { estimate }: PlanView["result"],
  { served, engine = "helix" }: PlanView["file"],
): Service | undefined {
  if (served !== undefined) {
    const { decodeTokensPerSecond: decode, timeToFirstToken, timePerOutputToken } = served;
    const how = `simulated ${describeLoad(served)}, engine ${engine}`;
    return {
      decode,
      firstToken: timeToFirstToken,
      perToken: timePerOutputToken,
      how,
      way: "simulated",
    };
  }
  if (estimate === undefined) return undefined;
  const { decodeThroughput, promptLatency, decodeLatency, method } = estimate;
  const how = method ?? "estimated";
  return {
    decode: decodeThroughput,
    firstToken: promptLatency,
    perToken: decodeLatency,
    how,
    way: how,
  };
}

/** The change of a figure in words and whether it is for the better; undefined where there is none to tell. */
export function compareFigures(
  now: Figure,
  today: Figure | undefined,
): { readonly text: string; readonly good: boolean | undefined } | undefined {
  if (now.value === undefined || today?.value === undefined) return undefined;
  if (now.way !== today.way) return undefined;
  if (!Number.isFinite(now.value) || !(today.value > 0)) return undefined;
  const share = now.value / today.value - 1;
  if (Math.abs(share) < 5e-4) return { text: "as today", good: undefined };
  const sign = share < 0 ? "−" : "+";
  const more = now.better === "more";
  return {
    text: `${sign}${(100 * Math.abs(share)).toFixed(1)} %`,
    good: now.better === undefined ? undefined : share > 0 === more,
  };
}
