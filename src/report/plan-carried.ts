import type { Cluster } from "../core/cluster.js";
import { estimateNotes } from "../core/estimate-notes.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { formatPercent, formatRate } from "./format-number.js";
import { describeOtherRequests } from "./other-requests.js";
import { describeStepChosen, describeStepsUntried } from "./step-chosen.js";

const NO_PROMISE = "the most that flows through these layers, not a promise";

/** What a placement serves, as far as somebody has looked, and its flow. */
export function describeCarried(cluster: Cluster, file: PlacementFile): readonly string[] {
  const { served } = file;
  const name = `${file.model.name} on ${file.cluster.name}`;
  const flow = `${formatRate(file.throughput)} tokens/s`;
  if (served !== undefined)
    return [
      `${name}: ${describeServed(file, served)}`,
      ...describeFull(served),
      ...describeSelection(cluster, file, served),
      ...(isRateCut(file) ? [`  ${RATE_CUT}`] : []),
      ...describeUnconfirmed(file, served),
      ...describeStep(file),
      `  flow ${flow}, ${NO_PROMISE}`,
    ];
  if (isFlowMeant(cluster, file)) return [`${name}: ${flow}`];
  return [`${name}: flow ${flow}`, `  flow is ${NO_PROMISE}: simulate says what is served`];
}

/** Of estimated cards far less may be served than flows; the flows of the paper's machines are compared with its own. */
export function isFlowMeant(cluster: Cluster, { objective, served }: PlacementFile): boolean {
  return served === undefined && objective === "flow" && estimateNotes(cluster).length === 0;
}

const RATE_CUT =
  "out of time before all rates and placements were tried: more arriving may keep the limits (--time-limit); simulate --find-rate says how much by this placement";

/** Rates are run again at the end, for which an interrupt may leave too little time. */
function describeUnconfirmed({ termination }: PlacementFile, { at }: Served): readonly string[] {
  if (termination !== "interrupted" || at === "saturation" || at.confirmed === true) return [];
  return [
    `  interrupted before this rate was run again with fresh seeds: simulate --rate ${at.rate.toFixed(0)} says whether it is kept`,
  ];
}

/** Whether a rate that keeps limits was the best when the time was up. */
export function isRateCut({
  served,
  termination,
}: Pick<PlacementFile, "served"> & {
  readonly termination?: PlacementFile["termination"] | undefined;
}): boolean {
  return served !== undefined && served.at !== "saturation" && termination === "time-limit";
}

/** Arrivals come and go: what is served of as many as can be is a little less, always. */
const NEARLY_ALL = 0.9;

type Served = NonNullable<PlacementFile["served"]>;

/** "serves 15,259 decode and 50,247 prompt tokens/s". */
function describeServed({ engine = "helix" }: PlacementFile, served: Served): string {
  const { at, decodeTokensPerSecond, promptTokensPerSecond } = served;
  const kept =
    at === "saturation"
      ? ""
      : `keeps the limits with up to ${formatRate(at.rate)} prompt and output tokens/s arriving at random; then `;
  return `${kept}serves ${formatRate(decodeTokensPerSecond)} decode and ${formatRate(promptTokensPerSecond)} prompt tokens/s (simulated ${at === "saturation" ? "at full load" : "at that rate"}, engine ${engine})`;
}

function describeFull(served: Served): readonly string[] {
  const { bound, gap, at } = served;
  const most =
    bound === undefined || gap === undefined
      ? []
      : [
          at === "saturation"
            ? `  no plan serves more than ${formatRate(bound)} decode tokens/s: (bound - served) / bound = ${formatPercent(gap)}`
            : `  no plan serves more than ${formatRate(bound)} decode tokens/s, limits left aside`,
        ];
  return [
    ...most,
    ...describeSureness(served),
    `  ${countRequests(served.concurrency)} at a time; mean TTFT ${served.timeToFirstToken.toFixed(2)} s, TPOT ${served.timePerOutputToken.toFixed(3)} s${describeTails(at)}`,
    ...describeArriving(served),
  ];
}

/** Runs last as long for every plan: one that tells less of what is served tells no mean of lengths either. */
function describeSelection(
  { workload }: Cluster,
  { constraints }: PlacementFile,
  served: Served,
): readonly string[] {
  const { at, uncertainty = 0, decodeTokensPerSecond } = served;
  if (at !== "saturation" || constraints?.chainsOnly === true) return [];
  if (uncertainty > SURE * decodeTokensPerSecond) return [];
  return describeOtherRequests(workload, served).map((line) => `  ${line}`);
}

function describeStep(file: PlacementFile): readonly string[] {
  const untried = describeStepsUntried(file);
  const step = describeStepChosen(file);
  return [
    ...(step === undefined ? [] : [`  chosen: ${step} (--no-choose-batch-tokens keeps those)`]),
    ...(untried === undefined ? [] : [`  ${untried}`]),
  ];
}

/** Only where users meet clearly less than full load. */
function describeArriving({ arriving, decodeTokensPerSecond: full }: Served): readonly string[] {
  if (arriving === undefined) return [];
  const { least, most, runs } = arriving;
  if (least + most >= 2 * NEARLY_ALL * full) return [];
  const [one, other] = [formatRate(least), formatRate(most)];
  const rates =
    runs === 1
      ? `${one} decode tokens/s in a run`
      : `${one} to ${other} decode tokens/s in ${runs} runs`;
  return [
    `  where as much arrives at random, and nothing is under way at first, it serves ${rates}: requests then bunch in few batches of a chain, and may with less arriving, too (--objective goodput --max-tpot SECONDS plans for arrivals)`,
  ];
}

export function countRequests(mean: number): string {
  const shown = mean.toFixed(0);
  return `${shown} ${shown === "1" ? "request" : "requests"}`;
}

function describeTails(at: Served["at"]): string {
  if (at === "saturation" || at.p95 === undefined) return "";
  const { timeToFirstToken, timePerOutputToken } = at.p95;
  return `; p95 TTFT ${timeToFirstToken.toFixed(2)} s, TPOT ${timePerOutputToken.toFixed(3)} s`;
}

/** A run that tells to this share what is served needs no word. */
export const SURE = 0.03;

function describeSureness({
  uncertainty = 0,
  fromTrials = 0,
  decodeTokensPerSecond,
}: NonNullable<PlacementFile["served"]>): readonly string[] {
  const share = uncertainty / decodeTokensPerSecond;
  if (!(share > SURE) && fromTrials === 0) return [];
  const short =
    fromTrials === 0
      ? ""
      : `; ${formatPercent(fromTrials)} of it by short trials, as no time was left for longer runs`;
  return [`  what is served is known to ± ${formatPercent(share)}${short}`];
}
