import { InputError, type Problem } from "../core/errors.js";
import { buildLayerTimes } from "../training/layer-times.js";
import { transformerLayers, transformerWork } from "../training/transformer-layers.js";
import { transganLayers } from "../training/transgan-layers.js";
import type { LayerWork } from "../training/roofline-times.js";
import type { MemoryRules, TrainingJob, TrainingLayer } from "../training/training-job.js";
import { describeIssues } from "./describe-issues.js";
import { resolveTimeSource } from "./resolve-layer-times.js";
import { resolveTrainingCluster } from "./resolve-training-cluster.js";
import { trainingJobSchema, type TrainingJobFile } from "./training-job-schema.js";

/**
 * Adam in mixed precision, 20 bytes per parameter in all. What is reserved goes to the context,
 * communication buffers and fragmentation: every published AMP trial that ran is put at 12.6 GB or
 * less of a T4's 15.8, every trial above that (13.9 and more) failed.
 */
export const DEFAULT_MEMORY_RULES: MemoryRules = {
  weightBytes: 2,
  gradientBytes: 6,
  optimizerBytes: 12,
  zeroStage: 0,
  recompute: false,
  reservedFraction: 0.15,
};

const DEFAULT_ELEMENT_BYTES = 4;

/**
 * A training job from parsed JSON.
 * @param source where it came from, for messages.
 * @throws InputError `input-invalid` with every problem found.
 */
export function readTrainingJob(source: string, data: unknown): TrainingJob {
  const parsed = trainingJobSchema.safeParse(data);
  if (!parsed.success) {
    throw new InputError(source, describeIssues(parsed.error.issues, trainingJobSchema, data));
  }
  const file = parsed.data;
  const problems: Problem[] = [];
  const cluster = resolveTrainingCluster(file.cluster, problems);
  const { layers, work } = resolveModel(file.model);
  problems.push(...listUnlikeTies(layers));
  const sources = cluster.machines.map((machine) =>
    resolveTimeSource(machine, file.cluster.machines[machine.name]!, layers, work, problems),
  );
  if (problems.length > 0) throw new InputError(source, problems);
  const gpus = cluster.machines.map((machine) => machine.gpus);
  return {
    name: file.name,
    cluster,
    layers,
    times: buildLayerTimes(
      sources.flatMap((one) => one ?? []),
      gpus,
      file.fixedShare ?? 0,
    ),
    globalBatch: file.globalBatch,
    elementBytes: file.elementBytes ?? DEFAULT_ELEMENT_BYTES,
    memory: resolveMemory(file.memory),
    ...(file.model.kind === "transformer" ? { shape: file.model } : {}),
  };
}

function resolveModel(model: TrainingJobFile["model"]): {
  readonly layers: readonly TrainingLayer[];
  readonly work?: readonly LayerWork[];
} {
  if (model.kind === "transformer") {
    return { layers: transformerLayers(model), work: transformerWork(model) };
  }
  if (model.kind === "transgan") return transganLayers(model);
  return {
    layers: model.layers.map((layer, index): TrainingLayer => {
      const { tie, ...rest } = layer;
      return {
        name: rest.name ?? `layer-${index}`,
        kind: rest.kind,
        parameters: rest.parameters,
        ...(tie === undefined ? {} : { tie }),
        outputElements: rest.outputElements,
        outputSplit: rest.outputSplit ?? false,
        savedBytes: rest.savedBytes ?? 0,
        savedSplitBytes: rest.savedSplitBytes ?? 0,
        checkpointBytes: rest.checkpointBytes ?? 0,
      };
    }),
  };
}

/** What layers share has one size: with two of them a stage would hold less the more layers it has. */
function listUnlikeTies(layers: readonly TrainingLayer[]): readonly Problem[] {
  const firsts = new Map<string, { readonly index: number; readonly parameters: number }>();
  return layers.flatMap(({ tie, parameters }, index) => {
    if (tie === undefined) return [];
    const first = firsts.get(tie);
    if (first === undefined) firsts.set(tie, { index, parameters });
    if (first === undefined || first.parameters === parameters) return [];
    return [
      {
        path: `model.layers[${index}].parameters`,
        found: `${parameters}`,
        expected: `${first.parameters}, as in model.layers[${first.index}], with which it shares "${tie}"`,
        remedy: "Give tied layers the same parameters, or none of them a tie.",
      },
    ];
  });
}

function resolveMemory(given: TrainingJobFile["memory"]): MemoryRules {
  const defaults = DEFAULT_MEMORY_RULES;
  return {
    weightBytes: given?.weightBytes ?? defaults.weightBytes,
    gradientBytes: given?.gradientBytes ?? defaults.gradientBytes,
    optimizerBytes: given?.optimizerBytes ?? defaults.optimizerBytes,
    zeroStage: given?.zeroStage ?? defaults.zeroStage,
    recompute: given?.recompute ?? defaults.recompute,
    reservedFraction: given?.reservedFraction ?? defaults.reservedFraction,
  };
}
