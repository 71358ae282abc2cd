import { readFileSync } from "node:fs";
import type { TrainingJob, TrainingLayer } from "../src/training/training-job.js";
import { DEFAULT_MEMORY_RULES } from "../src/formats/read-training-job.js";
import { transformerLayers } from "../src/training/transformer-layers.js";

/** One strategy of the reference file, as far as it is compared. */
export interface ReferenceStrategy {
  readonly enumeration_order: number;
  readonly mbs: number;
  readonly tp: number;
  readonly dp: number;
  readonly pp: number;
  readonly partition_counts: readonly number[];
  readonly predicted_cost_s: number;
  readonly exact_optimum_same_cost_model: {
    readonly joint_with_dp_term: {
      readonly partition_counts: readonly number[];
      readonly total_s: number;
    };
  };
  readonly real_time_s: number | null;
  readonly real_status: string;
}

interface ReferenceSetting {
  readonly gpus_per_node_M: number;
  readonly global_batch_size: number;
  readonly nodes: readonly {
    readonly inter_elems_per_s: number;
    readonly intra_elems_per_s: number;
    readonly gpu: string;
  }[];
  readonly strategies_sorted: readonly ReferenceStrategy[];
}

export interface ReferenceFile {
  readonly forward_seconds: Readonly<Record<string, readonly number[]>>;
  readonly settings: Readonly<Record<string, ReferenceSetting>>;
}

const ELEMENT_BYTES = 4;
const SHAPE = { hidden: 1024, sequence: 1024, blocks: 24, vocabulary: 52_256, heads: 16 };

/** The reference file, or undefined when it is not there (it is no part of the project). */
export function readReference(path: string): ReferenceFile | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as ReferenceFile;
  } catch {
    return undefined;
  }
}

/** The job behind one setting of the file: AMP's list of 30 layers, reshapes included. */
export function jobOfSetting(file: ReferenceFile, name: string): TrainingJob {
  const setting = file.settings[name]!;
  const gpus = [...new Set(setting.nodes.map((node) => node.gpu))];
  const machines = gpus.map((gpu) => {
    const node = setting.nodes.find((one) => one.gpu === gpu)!;
    return {
      name: gpu,
      gpu,
      gpus: setting.gpus_per_node_M,
      memoryBytes: gpu.startsWith("V100") ? 16_160 * 2 ** 20 : 15_109 * 2 ** 20,
      intraBytesPerSecond: node.intra_elems_per_s * ELEMENT_BYTES,
      nicBytesPerSecond: node.inter_elems_per_s * ELEMENT_BYTES,
    };
  });
  return {
    name,
    cluster: {
      machines,
      nodes: setting.nodes.map((node, index) => ({
        id: `node-${index}`,
        machine: gpus.indexOf(node.gpu),
      })),
    },
    layers: withReshapes(transformerLayers(SHAPE)),
    times: {
      tensorDegrees: [1, 2, 4],
      forwardSeconds: (machine, tensorParallel, microBatch) => {
        const profile = gpus[machine]!.startsWith("V100") ? "P3" : "G4";
        return file.forward_seconds[`gpt2_${profile}_${tensorParallel}`]!.map(
          (seconds) => seconds * microBatch,
        );
      },
    },
    globalBatch: setting.global_batch_size,
    elementBytes: ELEMENT_BYTES,
    memory: DEFAULT_MEMORY_RULES,
  };
}

/** AMP counts four reshapes as layers: one behind the embedding, two before the head, one behind it. */
function withReshapes(layers: readonly TrainingLayer[]): readonly TrainingLayer[] {
  const reshape = (before: TrainingLayer): TrainingLayer => ({
    name: "reshape",
    kind: "other",
    parameters: 0,
    outputElements: before.outputElements,
    outputSplit: before.outputSplit,
    savedBytes: 0,
    savedSplitBytes: 0,
    checkpointBytes: 0,
  });
  const blocks = layers.slice(1, -1);
  const [first, head] = [layers[0]!, layers[layers.length - 1]!];
  const last = blocks[blocks.length - 1]!;
  return [first, reshape(first), ...blocks, reshape(last), reshape(last), head, reshape(head)];
}
