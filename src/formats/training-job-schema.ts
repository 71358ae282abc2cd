import * as z from "zod";

const TRAINING_JOB_FORMAT = "helix-place/training-job@1";

const name = z.string().min(1);
const count = z.int().positive();
const quantity = z.union([z.number(), z.string()]);
const share = z.number().min(0).max(1);
const seconds = z.number().nonnegative();

/** One figure per layer, in order, or one per kind of layer (kinds left out take no time). */
const oneMicroBatch = z.union([
  z.array(seconds).min(1),
  z.strictObject({
    embedding: seconds.optional(),
    block: seconds,
    head: seconds.optional(),
    other: seconds.optional(),
  }),
]);

/** Forward seconds by tensor-parallel degree: for one sample, or by micro-batch size. */
const forwardSeconds = z.record(
  z.string().regex(/^[1-9]\d*$/, "a tensor-parallel degree"),
  z.union([
    oneMicroBatch,
    z.record(z.string().regex(/^[1-9]\d*$/, "a micro-batch size"), oneMicroBatch),
  ]),
);

const machine = z.strictObject({
  gpu: name.optional(),
  gpus: count.optional(),
  memory: quantity.optional(),
  nic: quantity,
  intraBandwidth: quantity.describe('between the GPUs of the machine, such as "300 GB/s"'),
  pricePerHour: quantity.optional(),
  flops: z.number().positive().optional(),
  memoryBandwidth: quantity.optional(),
  efficiency: z.number().positive().max(1).optional(),
  forwardSeconds: forwardSeconds.optional(),
});

const node = z.strictObject({ id: name, machine: name, count: count.max(100_000).optional() });

/** The training view of a cluster: nodes and machine types of one region. */
const trainingClusterSchema = z.strictObject({
  machines: z.record(name, machine),
  nodes: z.array(node).min(1),
});

const transformer = z.strictObject({
  kind: z.literal("transformer"),
  hidden: count,
  sequence: count,
  blocks: count.max(2000),
  vocabulary: count,
  heads: count,
});

const depth = z.int().nonnegative().max(200);
const transgan = z.strictObject({
  kind: z.literal("transgan"),
  hidden: count,
  depth: z.tuple([depth, depth, depth, depth, depth, depth]),
  bottom: count,
  heads: count,
});

const layer = z.strictObject({
  name: name.optional(),
  kind: z.enum(["embedding", "block", "head", "other"]),
  parameters: z.number().nonnegative(),
  tie: name.optional(),
  outputElements: z.number().nonnegative(),
  outputSplit: z.boolean().optional(),
  savedBytes: z.number().nonnegative().optional(),
  savedSplitBytes: z.number().nonnegative().optional(),
  checkpointBytes: z.number().nonnegative().optional(),
});
const listed = z.strictObject({
  kind: z.literal("layers"),
  layers: z.array(layer).min(1).max(2000),
});

const memory = z.strictObject({
  weightBytes: z.number().nonnegative().optional(),
  gradientBytes: z.number().nonnegative().optional(),
  optimizerBytes: z.number().nonnegative().optional(),
  zeroStage: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]).optional(),
  recompute: z.boolean().optional(),
  reservedFraction: share.optional(),
});

/** A training job as users write it; docs/training.md explains every key. */
export const trainingJobSchema = z.strictObject({
  format: z.literal(TRAINING_JOB_FORMAT),
  name,
  cluster: trainingClusterSchema,
  model: z.discriminatedUnion("kind", [transformer, transgan, listed]),
  globalBatch: count.max(1_000_000),
  elementBytes: z.number().positive().optional(),
  fixedShare: share.optional(),
  memory: memory.optional(),
});

export type TrainingJobFile = z.infer<typeof trainingJobSchema>;
export type TrainingClusterFile = z.infer<typeof trainingClusterSchema>;
/** Forward seconds of one machine type as the file gives them. */
export type ForwardSecondsFile = z.infer<typeof forwardSeconds>;
export type MicroBatchSecondsFile = z.infer<typeof oneMicroBatch>;
