import { machineOf, type Cluster } from "../../core/cluster.js";
import type { Placement } from "../../core/placement.js";
import { countLoadBytes } from "../../planner/change/load-bytes.js";
import { measureFlow } from "../../planner/problem/measure-flow.js";
import { measureThroughput } from "../../planner/problem/measure-throughput.js";
import type { PlanningProblem } from "../../planner/problem/problem.js";
import { DEFAULT_WITHIN, type FoundChange } from "./find-change.js";
import type { ChangeChoice, ChangeReport, ReplanOptions } from "./replan.js";
import { stepKept } from "./step-kept.js";

/** A placement that could follow the running one, under the name of its row. */
export type NamedPlacement = readonly [name: ChangeChoice["name"], placement: Placement];

const DEFAULT_LOAD_RATE = 1e9;

export interface ComparedChange {
  readonly held: Placement;
  readonly named: readonly NamedPlacement[];
  readonly found: FoundChange;
  readonly rates: LoadRates;
}

/** All rows of the table, and what is proven of the bytes. One max flow a row. */
export function describeReport(
  problem: PlanningProblem,
  { held, named, found, rates }: ComparedChange,
  options: ReplanOptions,
): ChangeReport {
  const load = countLoadBytes(problem.cluster.model, held);
  const { placement, servedOf, best, floor, bound, method, front } = found;
  const bytes = load.total(placement);
  const choose = ([name, chosen]: NamedPlacement): ChangeChoice => {
    const kept = measureThroughput(problem, chosen);
    const served =
      servedOf === undefined ? undefined : (servedOf(chosen)?.decodeTokensPerSecond ?? 0);
    return {
      name,
      throughput: measureFlow(problem, chosen),
      ...(served === undefined ? {} : { served }),
      bytes: load.total(chosen),
      seconds: load.most(chosen, rates.of),
      keepsFloor: (served ?? kept) >= floor,
    };
  };
  const name = (node: number): string => problem.cluster.nodes[node]!.id;
  const simulated = servedOf !== undefined && options.batchTokens === undefined;
  const step = simulated ? stepKept(problem.cluster, options) : undefined;
  return {
    choices: [...named.map(choose), choose(["replan", placement])],
    measure: servedOf === undefined ? "flow" : "served",
    best,
    floor,
    within: options.within ?? DEFAULT_WITHIN,
    loadRate: options.loadRate ?? DEFAULT_LOAD_RATE,
    ...(rates.said ? { ratesSaid: true } : {}),
    ...(step === undefined ? {} : { step }),
    bytes,
    bytesBound: bound,
    bytesMethod: method,
    bytesGap: bytes === 0 ? 0 : (bytes - bound) / bytes,
    ...(front === undefined
      ? {}
      : {
          front: front.map(({ placement: at, ...point }) => ({
            ...point,
            nodes: at.map((layers, node) => ({ id: name(node), layers })),
          })),
        }),
  };
}

export interface LoadRates {
  readonly of: (node: number) => number;
  /** Whether any machine of the file says its own. */
  readonly said: boolean;
}

/** At which rate each node loads, and whether any machine of the file says so. */
export function loadRates(cluster: Cluster, otherwise = DEFAULT_LOAD_RATE): LoadRates {
  const own = cluster.nodes.map((_, node) => machineOf(cluster, node).loadBytesPerSecond);
  return {
    of: (node) => own[node] ?? otherwise,
    said: own.some((rate) => rate !== undefined),
  };
}
