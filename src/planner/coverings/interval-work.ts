import { machineOf } from "../../core/cluster.js";
import { holdsLayers, rateOfLayers } from "../../core/interval-capacity.js";
import type { LayerInterval } from "../../core/placement.js";
import type { PlanningProblem } from "../problem/problem.js";

/** Layers that a node can hold, and what it passes of them: tokens/s. */
export interface RatedInterval {
  readonly interval: LayerInterval;
  readonly rate: number;
}

/** Nodes that may hold the same, each one of `choices`. */
export interface NodeGroup {
  readonly count: number;
  readonly choices: readonly RatedInterval[];
}

/** The nodes that may hold layers, alike ones together; pinned ones have one choice. O(types · L²). */
export function groupByChoices({ cluster, constraints }: PlanningProblem): readonly NodeGroup[] {
  const groups = new Map<string, { count: number; readonly choices: readonly RatedInterval[] }>();
  cluster.nodes.forEach(({ machine }, node) => {
    if (constraints.drained.has(node)) return;
    const pin = constraints.pins.get(node);
    const key = pin === undefined ? `${machine}` : `${machine} ${pin[0]} ${pin[1]}`;
    const group = groups.get(key);
    if (group === undefined)
      groups.set(key, { count: 1, choices: listChoices(cluster, node, pin) });
    else group.count += 1;
  });
  return [...groups.values()];
}

function listChoices(
  cluster: PlanningProblem["cluster"],
  node: number,
  pin: LayerInterval | undefined,
): readonly RatedInterval[] {
  const { layers, tokenBytes, activationBytes } = cluster.model;
  const { capacity, nicBytesPerSecond } = machineOf(cluster, node);
  const rated = (interval: LayerInterval): RatedInterval => {
    const whole = interval[0] === 0 && interval[1] === layers;
    const nic = nicBytesPerSecond / (whole ? tokenBytes : activationBytes);
    return { interval, rate: Math.min(rateOfLayers(capacity, interval), nic) };
  };
  if (pin !== undefined) return [rated(pin)];
  const choices: RatedInterval[] = [];
  for (let start = 0; start < layers; start++)
    for (let end = start + 1; end <= layers && holdsLayers(capacity, [start, end]); end++)
      choices.push(rated([start, end]));
  return choices;
}

/** The most that weights give, and which choice of each group gives it. */
export interface WeightedWork {
  readonly sum: number;
  readonly best: readonly RatedInterval[];
}

/**
 * Σ over the nodes of the most min(T, F)·w(interval) of their choices: for Σ w = 1 no flow above F exists
 * where it is below F. O(choices).
 */
export function weightedWork(
  groups: readonly NodeGroup[],
  weights: readonly number[],
  flow: number,
): WeightedWork {
  const upTo = [0];
  for (const weight of weights) upTo.push(upTo.at(-1)! + weight);
  let sum = 0;
  const best = groups.flatMap(({ count, choices }) => {
    let most = 0;
    let chosen: RatedInterval | undefined;
    for (const choice of choices) {
      const [start, end] = choice.interval;
      const work = Math.min(choice.rate, flow) * (upTo[end]! - upTo[start]!);
      if (work <= most && chosen !== undefined) continue;
      most = work;
      chosen = choice;
    }
    sum += count * most;
    return chosen === undefined ? [] : [chosen];
  });
  return { sum, best };
}
