import { diceOf, type Dice } from "./dice.js";

type LayerKind = "embedding" | "block" | "head" | "other";

/** A training job file as the fuzz writes it: listed layers, measured times, plain numbers. */
export interface RawJob {
  readonly format: "helix-place/training-job@1";
  readonly name: string;
  readonly cluster: {
    readonly machines: Readonly<
      Record<
        string,
        {
          readonly gpus: number;
          readonly memory: number;
          readonly nic: number;
          readonly intraBandwidth: number;
          /** By tensor degree, then by layer: seconds of one sample. */
          readonly forwardSeconds: Readonly<Record<string, readonly number[]>>;
        }
      >
    >;
    readonly nodes: readonly { readonly id: string; readonly machine: string }[];
  };
  readonly model: {
    readonly kind: "layers";
    readonly layers: readonly {
      readonly kind: LayerKind;
      readonly parameters: number;
      readonly tie?: string;
      readonly outputElements: number;
      readonly outputSplit: boolean;
      readonly savedBytes: number;
      readonly savedSplitBytes: number;
      readonly checkpointBytes: number;
    }[];
  };
  readonly globalBatch: number;
  readonly elementBytes: number;
  readonly fixedShare: number;
  readonly memory: {
    readonly weightBytes: number;
    readonly gradientBytes: number;
    readonly optimizerBytes: number;
    readonly zeroStage: 0 | 1 | 2 | 3;
    readonly recompute: boolean;
    readonly reservedFraction: number;
  };
}

/** A question how to train. */
export interface TrainingQuestion {
  readonly number: number;
  readonly job: RawJob;
  readonly timing: "slowest" | "average";
  readonly nodeOrder: "search" | "given";
  readonly respectMemory: boolean;
  readonly top: number;
}

/** Question `number` of a seed: a function of the two alone. */
export function drawTraining(seed: number, number: number): TrainingQuestion {
  const dice = diceOf(seed, number);
  return {
    number,
    job: drawJob(dice, `fuzz-${seed}-${number}`),
    timing: dice.pick(["slowest", "slowest", "average"]),
    nodeOrder: dice.pick(["search", "search", "given"]),
    respectMemory: dice.chance(0.7),
    top: dice.pick([1, 3, 10, 1000]),
  };
}

function drawJob(dice: Dice, name: string): RawJob {
  const count = 2 + dice.int(6);
  const tied = dice.chance(0.3);
  const shared = Math.round(dice.wild(100, 10_000));
  const layers = Array.from({ length: count }, (_, at) => ({
    kind: dice.pick<LayerKind>(["embedding", "block", "block", "block", "head", "other"]),
    parameters: dice.chance(0.15) ? 0 : Math.round(dice.wild(100, 10_000)),
    ...(tied && (at === 0 || at === count - 1) ? { parameters: shared, tie: "ends" } : {}),
    outputElements: dice.chance(0.1) ? 0 : Math.round(dice.wild(10, 5000)),
    outputSplit: dice.chance(0.2),
    savedBytes: dice.int(5000),
    savedSplitBytes: dice.int(5000),
    checkpointBytes: dice.int(500),
  }));
  const gpus = dice.pick([1, 2, 2, 4]);
  const wildness = dice.pick([3, 10, 1000]);
  const degrees = [1, 2, 4].filter(() => dice.chance(0.8));
  const machines = Object.fromEntries(
    ["a", "b", "c"].slice(0, 1 + dice.int(3)).map((machine) => {
      const times = (): number[] =>
        layers.map(() => (dice.chance(0.05) ? 0 : dice.wild(1 / wildness, 1)));
      return [
        machine,
        {
          gpus: dice.chance(0.8) ? gpus : dice.pick([1, 2, 4]),
          memory: Math.round(dice.wild(20_000, 1e6)),
          nic: dice.wild(1e3, 1e5),
          intraBandwidth: dice.wild(1e4, 1e6),
          forwardSeconds: Object.fromEntries(
            (degrees.length === 0 ? [1] : degrees).map((degree) => [degree, times()]),
          ),
        },
      ];
    }),
  );
  const nodes = Array.from({ length: 1 + dice.int(4) }, (_, at) => ({
    id: `n${at}`,
    machine: dice.pick(Object.keys(machines)),
  }));
  return {
    format: "helix-place/training-job@1",
    name,
    cluster: { machines, nodes },
    model: { kind: "layers", layers },
    globalBatch: dice.pick([1, 2, 4, 6, 8, 12]),
    elementBytes: dice.pick([2, 4]),
    fixedShare: dice.pick([0, 0, 0.4]),
    memory: {
      weightBytes: 2,
      gradientBytes: 6,
      optimizerBytes: 12,
      zeroStage: dice.pick([0, 1, 2, 3]),
      recompute: dice.chance(0.3),
      reservedFraction: dice.pick([0, 0.1]),
    },
  };
}
