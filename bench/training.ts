import { DEFAULT_TRAIN_OPTIONS, train, type TrainOptions } from "../src/training/train.js";
import { syntheticJob } from "./synthetic-training.js";

/*
 * How the exact search grows with GPUs, machine types and layers: node build/bench/training.js.
 * Layers are uneven by ±10 %. Two columns of CPU seconds: the ten best plans proven, and every strategy searched to its optimum.
 */
const SIZES: readonly (readonly [nodes: number, types: number, layers: number])[] = [
  [4, 1, 24],
  [4, 2, 24],
  [8, 3, 24],
  [8, 3, 48],
  [8, 3, 96],
  [16, 1, 96],
  [16, 2, 96],
  [16, 3, 24],
  [16, 3, 48],
  [16, 3, 96],
  [32, 1, 96],
  [32, 2, 96],
];

const UNEVENNESS = 0.2;

const every: TrainOptions = { ...DEFAULT_TRAIN_OPTIONS, top: Infinity };
console.log("GPUs types layers strategies  top-10 s  every s  best s/iteration  bound");
for (const [nodes, types, layers] of SIZES) {
  const job = syntheticJob(nodes, types, layers, UNEVENNESS);
  const ten = clocked(() => train(job, DEFAULT_TRAIN_OPTIONS));
  const all = process.argv.includes("--every") ? clocked(() => train(job, every)) : undefined;
  const best = ten.result.plans[0];
  console.log(
    [
      String(nodes * 4).padStart(4),
      String(types).padStart(5),
      String(layers).padStart(6),
      String(ten.result.counts.strategies).padStart(10),
      ten.seconds.toFixed(2).padStart(9),
      (all?.seconds.toFixed(2) ?? "-").padStart(8),
      (best?.seconds.toFixed(4) ?? "none").padStart(17),
      ten.result.bound?.toFixed(4) ?? "-",
    ].join(" "),
  );
}

/** CPU seconds, collector included: a busy machine does not change them much. */
function clocked<T>(work: () => T): { readonly result: T; readonly seconds: number } {
  const started = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(started);
  return { result, seconds: (user + system) / 1e6 };
}
