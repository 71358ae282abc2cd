import type { Cluster, Machine } from "../../src/core/cluster.js";
import {
  listDegrees,
  partCluster,
  uniformPartition,
  type Box,
  type CardRow,
} from "../../src/core/parting.js";
import { createRandom, type Random } from "../../src/core/random.js";
import type { PlanningProblem } from "../../src/planner/problem/problem.js";
import { randomProblem, type RandomProblemLimits } from "./random-problem.js";

/** Cards of a machine and the degrees that are legal for them: also such that do not divide each other. */
const CHOICES: readonly (readonly [cards: number, degrees: readonly number[]])[] = [
  [2, [1, 2]],
  [3, [1, 2]],
  [3, [1, 3]],
  [4, [1, 2, 4]],
  [4, [2]],
  [5, [2, 3]],
  [1, [1]],
];

/**
 * A small cluster of machines with several cards, some with two kinds of them, that may be shared out; by
 * seed alone. NICs of machines bind as often as thin links do.
 */
export function randomParted(
  seed: number,
  limits: RandomProblemLimits & { readonly mostCards?: number },
): PlanningProblem {
  const problem = randomProblem(seed, limits);
  const random = createRandom(seed + 77);
  const { cluster } = problem;
  const machines: Machine[] = [...cluster.machines];
  const possible = CHOICES.filter(([cards]) => cards <= (limits.mostCards ?? 5));
  const drawRow = (first: number, type: number): CardRow => {
    const [count, degrees] = possible[random.int(possible.length)]!;
    return { first, count, degrees: new Map(degrees.map((each) => [each, addPart(type, each)])) };
  };
  const addPart = (type: number, degree: number): number => {
    const { capacity, ...machine } = cluster.machines[type]!;
    const gain = degree ** (0.4 + 0.8 * random.next());
    const maxLayers = Math.min(cluster.model.layers, Math.max(1, random.int(3)) * degree);
    const tokensPerSecond = Array.from(
      { length: maxLayers },
      (_, k) => Math.round(100 * gain * (capacity.tokensPerSecond[0]! / (k + 1))) / 100,
    );
    return (
      machines.push({
        ...machine,
        name: `${machine.name}/tp${degree}`,
        capacity: { maxLayers, tokensPerSecond, source: "given" },
        nicBytesPerSecond: Infinity,
        gpus: degree,
      }) - 1
    );
  };
  // Machines of one type are parted alike.
  const rowsOf = cluster.machines.map((_, type): readonly CardRow[] => {
    const row = drawRow(0, type);
    return random.next() < 0.25 ? [row, drawRow(row.count, type)] : [row];
  });
  const boxes = cluster.nodes.map((node): Box => {
    if (random.next() < 0.15) return { kind: "node", node };
    const rows = rowsOf[node.machine]!;
    const host = {
      id: node.id,
      region: node.region,
      cards: rows.reduce((sum, { count }) => sum + count, 0),
      nicBytesPerSecond: cluster.machines[node.machine]!.nicBytesPerSecond,
      interconnect: { bandwidthBytesPerSecond: drawInterconnect(random), latencySeconds: 1e-5 },
    };
    return { kind: "host", host, rows };
  });
  const parting = { boxes, exceptions: cluster.network.exceptions };
  const whole: Cluster = { ...cluster, machines, parting };
  const partition = uniformPartition(parting, listDegrees(parting).at(-1) ?? 1);
  return { ...problem, cluster: partCluster(whole, partition) };
}

function drawInterconnect(random: Random): number {
  return (random.next() < 0.2 ? 5 + 60 * random.next() : 1e5) * 1000;
}
