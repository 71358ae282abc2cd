import type { Cluster } from "../../core/cluster.js";
import { partCluster, partitionOf, type Partition } from "../../core/parting.js";
import { clusterUnder } from "../../engines/cluster-under.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import type { FlowBound } from "../../planner/parts/bound-parts.js";
import type { TrialMemory } from "../served/chains/chain-rates.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import { boundBoth } from "../served/bound-served.js";
import { problemFor } from "../served/problem-for.js";
import { defaultObjective } from "./default-objective.js";
import { underBound, underServedBound } from "./part-bound.js";
import { partConstraints } from "./part-constraints.js";
import type { Finalist } from "./finalists.js";
import type { KnownBefore } from "./plan-served.js";
import type { PlanOptions, PlanOutcome } from "./plan.js";

/** The same for one way to share out cards, with what others have shown. */
export interface NodesOptions extends PlanOptions {
  readonly memory?: TrialMemory;
  /** What the same nodes served with larger steps, which are not planned for from the beginning then. */
  readonly before?: KnownBefore;
  /** Takes what stands on trial, to be judged with smaller steps as well. */
  readonly finalists?: Finalist[];
}

/** Plans a cluster whose nodes are given. */
export type PlanNodes = (
  cluster: Cluster,
  options: NodesOptions,
  ports: GoodputPorts,
) => Promise<PlanOutcome>;

type Planned = Extract<PlanOutcome, { readonly kind: "planned" }>;

/** A search up to here runs in the calling thread. */
const SHORT_SECONDS = 4;

/** Partitions that differ in the order of their parts alone are one. */
export function keyOf(partition: Partition): string {
  return JSON.stringify(partition.map((rows) => rows.map((row) => row.toSorted((a, b) => b - a))));
}

/** What was found, and for which partition. */
interface Found {
  readonly partition: Partition;
  readonly outcome: Planned;
  readonly value: number;
  readonly termination: PlacementFile["termination"];
}

/** Partitions tried one by one, each planned as a cluster of its own; the best is kept. */
export interface PartSearch {
  /** @returns whether it is the best so far. */
  tryOne(partition: Partition, seconds: number, bound: number): Promise<boolean>;
  /** Looks at it again, from the best placement found for it. */
  goOn(partition: Partition, seconds: number): Promise<void>;
  /** Partitions tried that may be better than the best one, by their bounds; of those found what is worth most first. */
  listOpen(): readonly Partition[];
  wasTried(partition: Partition): boolean;
  best(): Found | undefined;
  bestFlow(): number;
  isOver(): boolean;
  finish(complete: boolean, seconds: number): PlanOutcome;
}

/** @param bound on the flow of all partitions. */
export function createPartSearch(
  cluster: Cluster,
  options: PlanOptions & { readonly gap: number },
  bound: FlowBound,
  planNodes: PlanNodes,
  ports: GoodputPorts,
): PartSearch {
  const { gap, signal } = options;
  const { cluster: rated, chosen } = clusterUnder(cluster, options);
  const equal = chosen.engine.tensorParallel === "equal";
  const tried = new Map<string, number>();
  const found = new Map<string, Found>();
  /** Looks too short to find anything. */
  const missed = new Map<string, Partition>();
  const log: PlacementFile["solve"]["strategies"] = [];
  let best: Found | undefined;
  let nothing: PlanOutcome | undefined;
  // A bound on flow says which partition is worth a look only where flow is what is asked for.
  const byFlow = (options.objective ?? defaultObjective(rated, chosen, options)) === "flow";
  const bestFlow = (): number => (byFlow ? (best?.outcome.file.throughput ?? 0) : 0);

  const run = async (partition: Partition, seconds: number): Promise<boolean> => {
    const parted = {
      ...partCluster(cluster, partition),
      ...(equal ? { equalDegrees: true as const } : {}),
    };
    const { warmStart, constraints, ...others } = options;
    const key = keyOf(partition);
    const known = found.get(key)?.outcome.placement ?? (key === now ? warmStart : undefined);
    const outcome = await planNodes(
      parted,
      {
        ...others,
        // Threads take longer to start than a short look does.
        ...(seconds < SHORT_SECONDS ? { threads: 0 } : {}),
        ...(Number.isFinite(seconds) ? { timeLimitSeconds: seconds } : {}),
        ...(known === undefined ? {} : { warmStart: known }),
        ...(constraints === undefined
          ? {}
          : { constraints: partConstraints(cluster, parted, constraints) }),
      },
      ports,
    );
    if (outcome.kind !== "planned") {
      // What comes near to limits tells more than a look too short to find anything.
      if (
        nothing === undefined ||
        (outcome.kind === "limits-missed" && nothing.kind !== outcome.kind)
      )
        nothing = outcome;
      if (outcome.kind !== "infeasible") missed.set(key, partition);
      tried.set(key, outcome.kind === "infeasible" ? 0 : Infinity);
      return false;
    }
    const { file } = outcome;
    tried.set(key, Math.min(tried.get(key) ?? Infinity, file.upperBound));
    log.push(...file.solve.strategies);
    const value = worthOf(file);
    missed.delete(key);
    const own: Found = { partition, outcome, value, termination: file.termination };
    if (value > (found.get(key)?.value ?? -1)) found.set(key, own);
    if (best !== undefined && value <= best.value) return false;
    best = own;
    return true;
  };
  const now = keyOf(partitionOf(cluster));
  /** Decode tokens/s that no partition serves more than. */
  const mostServed = (flow: number): number =>
    boundBoth(problemFor(rated, options), chosen.engine, flow);
  return {
    async tryOne(partition, seconds, own) {
      if (best !== undefined && own <= bestFlow()) {
        tried.set(keyOf(partition), own);
        return false;
      }
      return run(partition, seconds);
    },
    async goOn(partition, seconds) {
      await run(partition, seconds);
    },
    listOpen: () => {
      const open = [...found]
        .filter(([key, { termination }]) => {
          const better = byFlow ? tried.get(key)! > bestFlow() * (1 + gap / 10) : true;
          return better && termination === "time-limit";
        })
        .map(([, each]) => each)
        .toSorted((a, b) => b.value - a.value)
        .map(({ partition }) => partition);
      // What was too short once is mostly too short again where trials are simulations.
      return byFlow ? [...missed.values(), ...open] : [...open, ...missed.values()];
    },
    wasTried: (partition) => tried.has(keyOf(partition)),
    best: () => best,
    bestFlow,
    isOver: () =>
      signal?.aborted === true || (best !== undefined && bestFlow() >= bound.value * (1 - gap)),
    finish(complete, seconds) {
      if (best === undefined) return nothing!;
      const listed = Math.max(0, ...tried.values());
      const all =
        complete && listed < bound.value
          ? { value: listed, name: "every partition by itself" }
          : bound;
      const file = underBound(best.outcome.file, all, gap, { seconds, log });
      return { ...best.outcome, file: underServedBound(file, mostServed(all.value)) };
    },
  };
}

/** By the plan's own objective: what is served where that was simulated, else the flow. */
function worthOf({ served, estimate, throughput }: PlacementFile): number {
  return served?.decodeTokensPerSecond ?? estimate?.decodeThroughput ?? throughput;
}
