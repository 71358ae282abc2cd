import { listUnlinked } from "../core/unlinked.js";
import {
  machineOf,
  regionOf,
  COORDINATOR_ID,
  type Cluster,
  type Machine,
} from "../core/cluster.js";
import type { Model } from "../core/model.js";
import type { ClusterFile } from "../formats/cluster-schema.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { priceOfFile } from "./entry-price.js";
import { withEstimateNotes } from "../core/estimate-notes.js";
import { boxesOf } from "../core/parting.js";
import { partedAsFar } from "../formats/parted-as.js";
import { placementOf } from "../formats/read-placement.js";
import { resolveCluster } from "../formats/resolve-cluster.js";
import { SECONDS_PER_HOUR } from "../core/units.js";
import type { BottleneckShare, ScenarioResult } from "./scenario-result.js";
import { plan, type PlanOptions, type PlanOutcome } from "../serving/plan/plan.js";
import type { SearchPorts } from "../planner/portfolio/search.js";
import { withMoreKv, type MoreKv } from "../serving/served/more-kv.js";
import { estimateService } from "../serving/served/service-estimate.js";

/** How every scenario of a comparison is planned. Plain data. */
export type ScenarioPlanning = Omit<
  PlanOptions,
  | "threads"
  | "signal"
  | "onProgress"
  | "warmStart"
  | "warmStartStep"
  | "constraints"
  | "clusterSha256"
> &
  Required<Pick<PlanOptions, "gap" | "seed" | "partialInference" | "solver">>;

/** One scenario to plan: plain data, so that it can go to another thread. */
export interface ScenarioJob {
  readonly name: string;
  readonly file: ClusterFile;
  readonly referencedModel?: Model;
  readonly planning: ScenarioPlanning;
  /** A placement to start from, as far as it names nodes of the file. */
  readonly warmStart?: PlacementFile;
  /** Memory for KV caches beside what the file says. */
  readonly moreKv?: MoreKv;
}

/** A result with the placement behind it. */
export interface PlannedScenario {
  readonly result: ScenarioResult;
  readonly placement?: PlacementFile;
}

/** Plans one scenario in this thread. @throws InputError when the edited cluster makes no sense. */
export async function planScenario(
  job: ScenarioJob,
  ports: SearchPorts,
  signal?: AbortSignal,
): Promise<PlannedScenario> {
  const { warmStart: start } = job;
  const given = resolveCluster(job.name, job.file, job.referencedModel);
  const whole = job.moreKv === undefined ? given : withMoreKv(given, job.moreKv);
  const cluster = start === undefined ? whole : partedAsFar(whole, start);
  const outcome = await plan(
    cluster,
    {
      ...job.planning,
      threads: 0,
      ...(start === undefined
        ? {}
        : {
            warmStart: placementOf(cluster, start),
            warmStartStep: start.engineSettings?.batchTokens,
          }),
      ...(signal === undefined ? {} : { signal }),
    },
    ports,
  );
  const costPerHour = priceOfFile(job.file);
  const { partialInference } = job.planning;
  const result = describeOutcome(job.name, cluster, outcome, { costPerHour, partialInference });
  return outcome.kind === "planned" ? { result, placement: outcome.file } : { result };
}

function describeFailure(outcome: Exclude<PlanOutcome, { kind: "planned" }>): string {
  switch (outcome.kind) {
    case "infeasible":
      return `${outcome.obstacle.reason}. ${outcome.obstacle.remedy}`;
    case "baseline-impossible":
      return outcome.reason;
    case "limits-missed":
      return describeNearest(outcome);
    case "not-found":
      return `no placement found (${outcome.termination})`;
  }
}

function describeNearest({ nearest, at }: Extract<PlanOutcome, { kind: "limits-missed" }>): string {
  const load = typeof at === "number" ? `${at.toFixed(1)} tokens/s` : at;
  const { timeToFirstToken: ttft, timePerOutputToken: tpot } = nearest;
  return `no placement found keeps the limits; the nearest has a mean TTFT of ${ttft.mean.toFixed(2)} s and TPOT of ${tpot.mean.toFixed(3)} s at ${load}`;
}

/** A plan's outcome as a row of a comparison, with what it serves where curves tell. */
export function describeOutcome(
  name: string,
  cluster: Cluster,
  outcome: PlanOutcome,
  context: { readonly costPerHour: number | undefined; readonly partialInference: boolean },
): ScenarioResult {
  const { costPerHour, partialInference } = context;
  const watts = powerOf(cluster);
  const unlinked = listUnlinked(cluster).length;
  const common = {
    ...withEstimateNotes(outcome.kind === "planned" ? outcome.cluster : cluster, { name }),
    nodes: boxesOf(cluster).length,
    ...(costPerHour === undefined ? {} : { costPerHour }),
    ...(watts === undefined ? {} : { powerWatts: watts }),
    ...(unlinked === 0 ? {} : { unlinked }),
  };
  if (outcome.kind !== "planned") {
    const reason = describeFailure(outcome);
    return { ...common, outcome: outcome.kind, throughput: 0, bottleneck: [], reason };
  }
  const { file } = outcome;
  const { throughput, upperBound, bound, gap, termination, served } = file;
  const { batchTokens } = file.engineSettings ?? {};
  const estimate =
    served === undefined
      ? (file.estimate ?? estimateUnderHelix(outcome, partialInference))
      : undefined;
  const planned = {
    ...common,
    outcome: "planned",
    throughput,
    upperBound,
    bound,
    gap,
    termination,
    ...(costPerHour === undefined
      ? {}
      : { costPerMillionTokens: costPerMillion(costPerHour, throughput) }),
    ...(served === undefined || batchTokens === undefined ? {} : { batchTokens }),
    bottleneck: summariseBottleneck(outcome.cluster, file),
    ...(estimate === undefined ? {} : { estimate }),
  } as const;
  return served === undefined ? planned : withServed(planned, served);
}

/** A row with what it serves, and what that costs. */
export function withServed(
  result: ScenarioResult,
  served: NonNullable<ScenarioResult["served"]>,
): ScenarioResult {
  const { costPerHour } = result;
  if (costPerHour === undefined) return { ...result, served };
  const { decodeTokensPerSecond } = served;
  return {
    ...result,
    served,
    costPerMillionOutputTokens: costPerMillion(costPerHour, decodeTokensPerSecond),
  };
}

/** By the steady-state model, which is that of the paper's batching: other engines are simulated, or not judged at all. */
function estimateUnderHelix(
  { file, cluster, placement }: Extract<PlanOutcome, { kind: "planned" }>,
  partialInference: boolean,
): PlacementFile["estimate"] {
  const { engine = "helix" } = file;
  return engine === "helix" ? estimateService(cluster, placement, partialInference) : undefined;
}

/** Dollars per million tokens. */
function costPerMillion(dollarsPerHour: number, tokensPerSecond: number): number {
  return (dollarsPerHour / (tokensPerSecond * SECONDS_PER_HOUR)) * 1e6;
}

/** Undefined where the file says nothing of power, or that of a machine is not known. O(nodes). */
function powerOf(cluster: Cluster): number | undefined {
  const said = cluster.nodes.some((_, node) => machineOf(cluster, node).power?.from === "file");
  return said ? sumMachines(cluster, ({ power }) => power?.watts) : undefined;
}

/** Sum over all machines, cards that no part has included; undefined where one has no figure. O(machines). */
function sumMachines(
  cluster: Cluster,
  figureOf: (machine: Machine) => number | undefined,
): number | undefined {
  let sum = 0;
  for (const box of boxesOf(cluster)) {
    const shares =
      box.kind === "node"
        ? [[1, box.node.machine] as const]
        : box.rows.map(({ count, degrees }) => {
            const [degree, machine] = [...degrees][0]!;
            return [count / degree, machine] as const;
          });
    for (const [times, machine] of shares) {
      const figure = figureOf(cluster.machines[machine]!);
      if (figure === undefined) return undefined;
      sum += times * figure;
    }
  }
  return sum;
}

function summariseBottleneck(cluster: Cluster, file: PlacementFile): readonly BottleneckShare[] {
  const indexOf = new Map(cluster.nodes.map(({ id }, index) => [id, index]));
  const region = (id: string): string => {
    const name = cluster.regions[regionOf(cluster, indexOf.get(id) ?? -1)]!;
    return name === "" ? "one region" : name;
  };
  const shares = new Map<string, { -readonly [K in keyof BottleneckShare]: BottleneckShare[K] }>();
  for (const { kind, node, from, to, capacity } of file.bottleneck) {
    const index = node === undefined ? undefined : indexOf.get(node);
    const where =
      kind === "link"
        ? [...new Set([region(from!), region(to!)])].join(" → ")
        : index === undefined
          ? COORDINATOR_ID
          : machineOf(cluster, index).name;
    const share = shares.get(`${kind} ${where}`) ?? { kind, where, count: 0, capacity: 0 };
    share.count += 1;
    share.capacity += capacity;
    shares.set(`${kind} ${where}`, share);
  }
  return [...shares.values()].sort((a, b) => b.capacity - a.capacity);
}
