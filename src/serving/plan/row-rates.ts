import { regionOf, type Cluster } from "../../core/cluster.js";
import { fillRow, listDegrees, partCluster, type Partition } from "../../core/parting.js";
import type { Engine } from "../../engines/engine.js";
import type { Lengths } from "../../model/lengths.js";
import { countPatterns, type RowGroup } from "../../planner/parts/part-groups.js";
import {
  createChainRates,
  type ChainTrials,
  type TrialMemory,
} from "../served/chains/chain-rates.js";
import { sumRates } from "../served/chains/compare-chains.js";
import { makeObviousChains } from "../served/chains/obvious-chains.js";
import type { PartSpace } from "./part-space.js";

/** What rows of cards serve by themselves, an estimate: unlike machines may serve more together. */
export interface RowRates {
  /** Decode tokens/s of all rows, each in chains of its own kind. */
  of(partition: Partition): number;
  /** Every kind as it serves most by itself; those that cannot hold the model alone by one degree after another. */
  listBest(): readonly Partition[];
}

/** Trials of chains, and what they have shown. */
export interface Trials extends Pick<ChainTrials, "now" | "secondsLeft" | "within"> {
  readonly engine: Engine;
  readonly lengths: Lengths;
  readonly seed: number;
  readonly memory: TrialMemory;
}

/**
 * Tries chains of equals for every kind of machine and every degree, in the region that has most of them: chains elsewhere differ by
 * their links alone, and the time is for looks at whole partitions. O(kinds · degrees) trials; what the clock leaves out counts as nothing.
 */
export function rateRows(
  cluster: Cluster,
  space: PartSpace,
  trials: Trials,
  shouldStop: () => boolean,
): RowRates {
  const { groups } = space.parts;
  const degrees = listDegrees(cluster.parting!);
  const perNode = groups.map(() => new Map<number, number>());
  // Within limits most cards together answer soonest, so that the clock leaves out what keeps none.
  const ordered = trials.within === undefined ? degrees : degrees.toReversed();
  for (const degree of ordered) {
    const parted = partCluster(
      cluster,
      cluster.parting!.boxes.map((box) =>
        box.kind === "node" ? [] : box.rows.map((row) => fillRow(row, degree)),
      ),
    );
    const rates = createChainRates(parted, trials.engine, trials.lengths, {
      ...trials,
      short: true,
    });
    const rateOf = (nodes: readonly number[]): number =>
      sumRates(makeObviousChains({ cluster: parted, nodes, mostNodes: Infinity }, rates), rates) /
      nodes.length;
    groups.forEach((group, g) => {
      const machine = machineOfDegree(cluster, group, degree);
      if (machine === undefined || shouldStop()) return;
      const nodes = [...parted.nodes.keys()].filter((at) => parted.nodes[at]!.machine === machine);
      // Where no region holds the model alone, chains across regions are what there is.
      const rate = rateOf(largestRegion(parted, nodes)) || rateOf(nodes);
      perNode[g]!.set(degree, rate);
    });
  }
  const worths = groups.map((group, g) =>
    group.degrees.map((pattern) =>
      pattern.reduce((sum, degree) => sum + (perNode[g]!.get(degree) ?? 0), 0),
    ),
  );
  return {
    of: (partition) =>
      countPatterns(groups, partition).reduce(
        (sum, counts, g) => sum + counts.reduce((own, count, p) => own + count * worths[g]![p]!, 0),
        0,
      ),
    listBest: () => {
      const alone = worths.every((own) => own.some((worth) => worth > 0));
      return (alone ? [degrees[0]!] : degrees).map((degree) =>
        space.build(
          groups.map((group, g) => {
            const own = worths[g]!;
            const most = Math.max(...own);
            const chosen = most > 0 ? own.indexOf(most) : alikePattern(group, degree);
            return own.map((_, p) => (p === chosen ? group.machines : 0));
          }),
        ),
      );
    },
  };
}

/** Those of the nodes that are in the region with most of them. */
function largestRegion(cluster: Cluster, nodes: readonly number[]): readonly number[] {
  const regions = new Map<number, number[]>();
  for (const node of nodes) {
    const region = regionOf(cluster, node);
    regions.set(region, [...(regions.get(region) ?? []), node]);
  }
  return [...regions.values()].reduce((most, own) => (own.length > most.length ? own : most));
}

/** The pattern of parts of this degree, or of the largest below it. */
function alikePattern({ degrees }: RowGroup, degree: number): number {
  const largest = degrees.map((pattern) => Math.max(...pattern));
  const fitting = largest.filter((each) => each <= degree);
  const wanted = fitting.length > 0 ? Math.max(...fitting) : Math.min(...largest);
  const most = (p: number): number => degrees[p]!.filter((each) => each === wanted).length;
  return [...degrees.keys()]
    .filter((p) => largest[p] === wanted)
    .reduce((best, p) => (most(p) > most(best) ? p : best));
}

function machineOfDegree(cluster: Cluster, { rows }: RowGroup, degree: number): number | undefined {
  const [box, row] = rows[0]!;
  const own = cluster.parting!.boxes[box]!;
  return own.kind === "host" ? own.rows[row]!.degrees.get(degree) : undefined;
}
