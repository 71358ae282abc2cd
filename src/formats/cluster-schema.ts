import { KV_BLOCK_TOKENS } from "../core/capacity.js";
import * as z from "zod";
import { ENGINE_NAMES } from "../core/engine-choice.js";
import { quantityExamples, type Quantity } from "../core/units.js";
import { findQuantityProblem, type QuantityRange } from "./read-quantity.js";

export const CLUSTER_FORMAT = "helix-place/cluster@1";

const quantity = (kind: Quantity, range: QuantityRange = { atLeast: 0 }) =>
  z
    .union([z.number(), z.string()])
    .check((context) => {
      const problem = findQuantityProblem(kind, context.value, range);
      if (problem === undefined) return;
      const { expected: message, remedy } = problem;
      context.issues.push({ code: "custom", message, params: { remedy }, input: context.value });
    })
    .describe(quantityExamples(kind));
const aboveZero: QuantityRange = { atLeast: 0, exclusive: true };

const name = z.string().min(1);
const count = z.int().positive();
/**
 * Figures beyond these are slips of units, and what is computed from them (sums of rates, bytes per
 * token, quotients) would leave the range in which floats can be compared.
 */
const LEAST_FIGURE = 1e-9;
const MOST_FIGURE = 1e18;
const positive = z.number().min(LEAST_FIGURE).max(MOST_FIGURE);

const someBytes = quantity("bytes", { atLeast: LEAST_FIGURE, atMost: MOST_FIGURE });

const inlineModel = z.strictObject({
  name,
  layers: count,
  layerBytes: someBytes,
  activationBytes: someBytes,
  tokenBytes: someBytes,
  kvBytesPerToken: someBytes.describe("per token per layer"),
});

const amount = z.number().nonnegative();
const bytes = quantity("bytes");

const layerEntry = z.strictObject({
  count: count.max(10_000).optional().describe("layers like this one after another; default 1"),
  bytes: bytes.describe("weight bytes of one layer"),
  kvBytesPerToken: bytes.optional().describe("KV cache bytes per token; default 0"),
  kvWindow: positive.optional().describe("the cache keeps only the latest so many tokens"),
  stateBytes: bytes.optional().describe("bytes per sequence, whatever its length; default 0"),
  activeParameters: amount.optional().describe("that one token passes; default bytes / 2"),
  expertBytes: bytes.optional().describe("of bytes, those of routed experts"),
  expertShare: z.number().positive().max(1).optional().describe("experts that one token visits"),
  attentionFlops: amount.optional().describe("per token and token of context"),
  cacheHeads: count.optional().describe("parts into which tensor parallelism can split the cache"),
});

/** A model as a list of its layers. */
const listedModel = z.strictObject({
  name,
  layers: z.array(layerEntry).min(1).max(10_000),
  activationBytes: someBytes,
  tokenBytes: someBytes.optional(),
  embeddingBytes: bytes.optional(),
  headBytes: bytes.optional(),
});

/** `"model"` as a preset in other types of weights and cache. */
const presetModel = z.strictObject({
  preset: name.describe("name of a model that helix-place models lists"),
  dtype: z.string().optional(),
  kvDtype: z.string().optional(),
});

/** `"model"` as a reference to a file beside the cluster file. */
export const referencedModelSchema = z.strictObject({
  config: z
    .string()
    .min(1)
    .describe(
      "path of a Hugging Face config.json, its folder or a .gguf file, relative to this file",
    ),
  dtype: z.string().optional(),
  kvDtype: z.string().optional(),
});

const curve = z
  .array(z.tuple([z.number().nonnegative(), z.number().nonnegative()]))
  .min(1)
  .describe("points [x, seconds for one layer], x ascending");
const byLayersHeld = z.array(positive).min(1);

const profile = z.strictObject({
  tokensPerSecond: byLayersHeld.optional().describe("T(k), k = 1, 2, …"),
  kvCacheTokens: z.array(z.number().nonnegative()).min(1).optional(),
  promptSeconds: curve.optional(),
  decodeSeconds: curve.optional(),
  kvBlocks: z
    .array(z.number().nonnegative())
    .min(1)
    .optional()
    .describe(`blocks of ${KV_BLOCK_TOKENS} tokens`),
  promptMaxRequests: byLayersHeld.optional(),
  decodeMaxTokens: byLayersHeld.optional(),
});

const tensorParallel = z
  .union([z.literal("auto"), z.literal("whole"), count, z.array(count).min(1)])
  .describe(
    "cards that work as one node: chosen by the planner (the default where machines are described by their cards), all of a machine, always so many, or one of these",
  );

/** A rack that works as one machine has 72; a million of them was a slip that ended the search for ways to share them out. */
const cards = count.max(1024);

const cardEntry = z.strictObject({
  gpu: name,
  count: cards.optional().describe("default 1"),
  memory: quantity("bytes", aboveZero).optional().describe("of one card; default: the catalogue's"),
  freeMemory: quantity("bytes", aboveZero)
    .optional()
    .describe("of one card, beside what else runs"),
});

export const machineSchema = z.strictObject({
  gpu: name.optional(),
  gpus: cards.optional(),
  cards: z
    .array(cardEntry)
    .min(1)
    .optional()
    .describe("unlike cards in one machine, instead of gpu and gpus; numbered in this order"),
  tensorParallel: tensorParallel.optional(),
  memory: quantity("bytes", aboveZero).optional(),
  freeMemory: quantity("bytes", aboveZero)
    .optional()
    .describe("of each card, where something else runs on them"),
  nic: quantity("bytesPerSecond", aboveZero).optional(),
  interconnect: z.enum(["nvlink", "pcie"]).optional(),
  pricePerHour: quantity("dollarsPerHour").optional(),
  unifiedMemory: z
    .boolean()
    .optional()
    .describe(
      "its cards share their memory with the processor, or do not, whatever the catalogue says",
    ),
  power: quantity("watts", aboveZero)
    .optional()
    .describe("of the whole machine under load; default: its cards at their limit"),
  loadRate: quantity("bytesPerSecond", aboveZero)
    .optional()
    .describe("at which it loads weights when a placement changes"),
  profile: profile.optional(),
});

export const gpuSchema = z
  .strictObject({
    memory: quantity("bytes", aboveZero),
    bandwidth: quantity("bytesPerSecond", aboveZero),
    tflops: positive.describe("16-bit matrix TFLOPS, dense, at boost clock"),
    fp8Tflops: positive.optional(),
    sustained: z.number().positive().max(1).optional().describe("share of tflops under load"),
    link: quantity("bytesPerSecond", aboveZero)
      .optional()
      .describe("direct GPU-to-GPU, one direction"),
    unifiedMemory: z
      .boolean()
      .optional()
      .describe("shares its memory with the processor, which keeps a part of it"),
  })
  .describe("a GPU of your own; comes before the catalogue");

const memoryRule = z.strictObject({
  utilisation: z.number().positive().max(1).optional(),
  reserve: quantity("bytes").optional().describe("kept free on every GPU"),
  minimumRequests: z.number().nonnegative().optional().describe("mean requests whose KV must fit"),
  weightShare: z.number().positive().max(1).optional().describe("most that weights may take"),
});

const node = z.strictObject({
  id: name,
  machine: name,
  region: name.optional(),
  count: count.max(100_000).optional().describe("nodes id-0 … id-(count−1)"),
  pricePerHour: machineSchema.shape.pricePerHour.describe(
    "of each of them, where it differs from the machine's",
  ),
});

const linkClass = {
  bandwidth: quantity("bytesPerSecond"),
  latency: quantity("seconds").optional(),
};

export const networkSchema = z.strictObject({
  withinRegion: z.strictObject(linkClass).optional(),
  acrossRegions: z.strictObject(linkClass).optional(),
  regions: z.array(z.strictObject({ between: z.tuple([name, name]), ...linkClass })).optional(),
  links: z
    .array(
      z.strictObject({
        from: name,
        to: name,
        ...linkClass,
        bidirectional: z.boolean().optional(),
      }),
    )
    .optional(),
});

export const coordinatorSchema = z.strictObject({
  region: name.optional(),
  nic: quantity("bytesPerSecond", aboveZero).optional(),
});

const seconds = z.number().nonnegative().max(3600);

/** What can be said of an engine beside its name; the same in placement files. */
export const engineSettings = {
  version: z.string().optional().describe("of the engine, where its overhead depends on it"),
  batchTokens: count.optional().describe("tokens of one step"),
  maxSequences: count.optional().describe("most requests in one batch"),
  overhead: z
    .strictObject({
      stepSeconds: seconds.optional().describe("per batch and stage"),
      layerSeconds: seconds.optional().describe("per layer of a batch"),
    })
    .optional()
    .describe("seconds beside what the timing curves hold"),
};

const engineName = z.enum(ENGINE_NAMES);

/** cluster.json, structure only: what the entries mean together is settled by `resolveCluster`. */
export const clusterFileSchema = z.strictObject({
  $schema: z.string().optional(),
  format: z.literal(CLUSTER_FORMAT),
  name,
  description: z.string().optional().describe("for people; where the figures come from"),
  model: z.union([
    name.describe("preset name"),
    presetModel,
    referencedModelSchema,
    inlineModel,
    listedModel,
  ]),
  workload: z
    .union([
      name.describe("preset name"),
      z.strictObject({ promptTokens: positive, outputTokens: positive }),
    ])
    .optional(),
  machines: z.record(name, machineSchema),
  tensorParallel: tensorParallel
    .optional()
    .describe("for all machines of several cards that do not say it themselves"),
  gpus: z.record(name, gpuSchema).optional(),
  throughputRule: z
    .enum(["helix", "helix-paper", "saturated"])
    .optional()
    .describe("how curves become T(k)"),
  memoryRule: memoryRule.optional(),
  nodes: z.array(node).min(1),
  network: networkSchema,
  coordinator: coordinatorSchema.optional(),
  engine: z
    .union([engineName, z.strictObject({ name: engineName, ...engineSettings })])
    .optional()
    .describe("what is to run the placement"),
});

export type ClusterFile = z.infer<typeof clusterFileSchema>;
export type InlineModelEntry = z.infer<typeof inlineModel>;
export type ListedModelEntry = z.infer<typeof listedModel>;
export type GpuEntry = z.infer<typeof gpuSchema>;
export type MemoryRuleEntry = z.infer<typeof memoryRule>;
export type TensorParallelEntry = z.infer<typeof tensorParallel>;
export type MachineEntry = z.infer<typeof machineSchema>;
export type NodeEntry = z.infer<typeof node>;
export type NetworkEntry = z.infer<typeof networkSchema>;
export type LinkClassEntry = Pick<
  NonNullable<NetworkEntry["withinRegion"]>,
  "bandwidth" | "latency"
>;
