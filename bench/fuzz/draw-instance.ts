import { diceOf, type Dice } from "./dice.js";
import { choicesOf, countPlacements } from "./oracle.js";
import type { RawCluster, RawConstraints, RawInterval } from "./raw-cluster.js";

/** One question to the planner. */
export interface Instance {
  readonly number: number;
  readonly cluster: RawCluster;
  readonly constraints: RawConstraints;
  readonly strategy: string;
  readonly iterationLimit: number;
  readonly seed: number;
  readonly gap: number;
  /** A legal placement to start from, good or bad. */
  readonly warmStart?: readonly RawInterval[];
  /** A known method in place of the strategy. */
  readonly baseline?: string;
  /** An engine that demands what the constraints ask for as well. */
  readonly engine?: string;
}

/** What there is to choose from. */
export interface Choices {
  readonly strategies: readonly string[];
  readonly baselines: readonly string[];
}

const MOST_PLACEMENTS = 5000;
/** Counts small enough that a core judges dozens of instances a second; mostly the least that can go wrong. */
const LAYERS = [1, 2, 2, 3, 3, 4] as const;
const NODES = [2, 2, 3, 3, 4, 5] as const;
const STEPS = [1, 1, 1, 1, 1, 1, 2, 2, 2, 4] as const;
/** A portfolio gives every strategy its steps. */
const STEPS_TOGETHER = [1, 1, 1, 1, 1, 1, 1, 1, 2, 4] as const;

/** Instance `number` of a seed: a function of the two alone. */
export function drawInstance(
  seed: number,
  number: number,
  { strategies, baselines }: Choices,
): Instance {
  const dice = diceOf(seed, number);
  for (;;) {
    const cluster = drawCluster(dice, `fuzz-${seed}-${number}`);
    const constraints = drawConstraints(dice, cluster);
    if (countPlacements(cluster, constraints) > MOST_PLACEMENTS) continue;
    const together = dice.chance(0.12);
    return {
      number,
      cluster,
      constraints,
      strategy: together ? "portfolio" : dice.pick(strategies),
      iterationLimit: dice.pick(together ? STEPS_TOGETHER : STEPS),
      seed: dice.int(10_000),
      gap: dice.pick([0, 0, 0, 0.2]),
      ...(dice.chance(0.2) ? { warmStart: choicesOf(cluster, constraints).map(dice.pick) } : {}),
      ...(dice.chance(0.05) ? { baseline: dice.pick(baselines) } : {}),
      ...drawEngine(dice, constraints),
    };
  }
}

function drawEngine(
  dice: Dice,
  { chainsOnly, partialInference }: RawConstraints,
): Pick<Instance, "engine"> {
  if (dice.chance(0.5)) return {};
  if (chainsOnly === true) return { engine: dice.pick(["vllm", "sglang", "llama.cpp"]) };
  return partialInference ? {} : { engine: "parallax" };
}

function drawCluster(dice: Dice, name: string): RawCluster {
  const layers = dice.pick(LAYERS);
  const regions = Array.from({ length: 1 + dice.int(3) }, (_, at) => `r${at}`);
  const activationBytes = dice.pick([16384, 16384, 10, 4]);
  const wildness = dice.pick([10, 10, 1000, 1e6]);
  const scale = dice.wild(0.1, 1e5);
  const speed = (): number => scale * dice.wild(1 / wildness, 1);
  const bytes = (): number =>
    dice.pick([4, activationBytes]) * scale * dice.wild(1 / wildness, dice.chance(0.5) ? 1 : 1e6);
  const machines: Record<string, RawCluster["machines"][string]> = {};
  for (let at = 1 + dice.int(3); at > 0; at--) {
    const rising = dice.chance(0.25);
    const first = speed();
    const tokensPerSecond = Array.from({ length: 1 + dice.int(layers) }, (_, k) =>
      rising ? speed() : first / (k + 1) ** dice.pick([0.5, 1, 1, 2]),
    );
    machines[`m${at}`] = {
      profile: { tokensPerSecond },
      ...(dice.chance(0.4) ? { nic: bytes() } : {}),
    };
  }
  const nodes = Array.from({ length: dice.pick(NODES) }, (_, at) => ({
    id: `n${at}`,
    machine: dice.pick(Object.keys(machines)),
    region: dice.pick(regions),
  }));
  const link = (): number => (dice.chance(0.2) ? 0 : bytes());
  const ends = ["coordinator", ...nodes.map(({ id }) => id)];
  const pairs = new Map<string, RawCluster["network"]["links"][number]>();
  for (let count = dice.int(9); count > 0; count--) {
    const [from, to] = [dice.pick(ends), dice.pick(ends)];
    if (from !== to) pairs.set(`${from} ${to}`, { from, to, bandwidth: link() });
  }
  const coordinatorRegion = dice.pick(regions);
  const used = new Set([coordinatorRegion, ...nodes.map(({ region }) => region)]);
  const between = [...used].flatMap((a, at) =>
    [...used].slice(at).map((b): readonly [string, string] => [a, b]),
  );
  return {
    format: "helix-place/cluster@1",
    name,
    model: {
      name: "m",
      layers,
      layerBytes: 1e6,
      activationBytes,
      tokenBytes: 4,
      kvBytesPerToken: 10,
    },
    machines,
    nodes,
    network: {
      withinRegion: { bandwidth: dice.chance(0.1) ? 0 : 1e15 },
      acrossRegions: { bandwidth: link() },
      regions: between
        .filter(() => dice.chance(0.4))
        .map((pair) => ({ between: pair, bandwidth: link() })),
      links: [...pairs.values()],
    },
    coordinator: {
      region: coordinatorRegion,
      ...(dice.chance(0.2) ? { nic: 4 * scale * dice.wild(1 / wildness, 10) } : {}),
    },
  };
}

function drawConstraints(dice: Dice, cluster: RawCluster): RawConstraints {
  const { layers } = cluster.model;
  const pin: Record<string, readonly [number, number]> = {};
  const drain: string[] = [];
  for (const { id, machine } of cluster.nodes) {
    const fate = dice.int(16);
    if (fate === 0) drain.push(id);
    if (fate === 1) {
      const most = cluster.machines[machine]!.profile.tokensPerSecond.length;
      const held = 1 + dice.int(Math.min(most, layers));
      const start = dice.int(layers - held + 1);
      pin[id] = [start, start + held];
    }
  }
  return {
    partialInference: dice.chance(0.65),
    pin,
    drain,
    ...(dice.chance(0.15) ? { maxDepth: 1 + dice.int(3) } : {}),
    ...(dice.chance(0.12) ? { maxNodesPerStage: 1 + dice.int(3) } : {}),
    ...(dice.chance(0.15) ? { chainsOnly: true } : {}),
  };
}
