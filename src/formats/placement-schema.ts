import * as z from "zod";
import { ENGINE_NAMES } from "../core/engine-choice.js";
import { engineSettings } from "./cluster-schema.js";
import { constraintsFileSchema } from "./constraints-schema.js";

export const PLACEMENT_FORMAT = "helix-place/placement@1";

const amount = z.number().nonnegative();
const layers = z
  .tuple([z.int().nonnegative(), z.int().positive()])
  .describe("half-open layer interval [start, end)");

const nodeEntry = z.strictObject({
  id: z.string(),
  machine: z.string().optional().describe("of which it is a part; absent: it is a machine"),
  cards: z
    .array(z.int().nonnegative())
    .min(1)
    .optional()
    .describe("of that machine, which work as one by tensor parallelism"),
  layers: layers.nullable(),
  capacity: amount.describe("tokens/s the node computes with these layers"),
  flow: amount.describe("tokens/s that pass through it"),
  kvCacheTokens: amount.optional().describe("tokens whose KV fits beside these layers"),
  maxBatch: z.int().positive().optional(),
});

const linkEntry = z.strictObject({
  from: z.string(),
  to: z.string(),
  capacity: amount,
  flow: amount,
});

const bottleneckEntry = z.strictObject({
  kind: z.enum(["compute", "nic-in", "nic-out", "link"]),
  node: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  capacity: amount,
  marginal: amount.describe("tokens/s gained per token/s of extra capacity here alone"),
});

const assumptionEntry = z.strictObject({
  what: z.string(),
  where: z.string(),
  effect: z.string(),
  isDefault: z.literal(true).optional().describe("a default, not a guess at a fact"),
});

const estimate = z.strictObject({
  decodeThroughput: amount,
  promptLatency: amount,
  decodeLatency: amount,
  concurrency: amount,
  method: z.string().optional(),
});

const served = z.strictObject({
  decodeTokensPerSecond: amount,
  promptTokensPerSecond: amount,
  timeToFirstToken: amount.describe("mean, seconds"),
  timePerOutputToken: amount.describe("mean, seconds"),
  concurrency: amount.describe("requests under way, mean"),
  at: z
    .union([
      z.literal("saturation"),
      z.strictObject({
        rate: amount.describe("prompt and output tokens/s that arrive"),
        p95: z
          .strictObject({ timeToFirstToken: amount, timePerOutputToken: amount })
          .optional()
          .describe("seconds"),
        confirmed: z
          .literal(true)
          .optional()
          .describe("the plan was interrupted, and this rate run again all the same"),
      }),
    ])
    .describe("full load, or random arrivals at the highest rate that keeps limits on latency"),
  by: z.literal("simulation"),
  uncertainty: amount
    .optional()
    .describe(
      "half of the 95 % interval of decodeTokensPerSecond, by the run or runs that show it",
    ),
  fromTrials: amount
    .optional()
    .describe(
      "share of decodeTokensPerSecond that short trials show: no time was left for longer runs",
    ),
  bound: amount.optional().describe("no placement of this engine serves more decode tokens/s"),
  gap: z.number().optional().describe("(bound − served) / bound"),
  engineStep: z
    .strictObject({
      batchTokens: z.int().positive(),
      decodeTokensPerSecond: amount,
      rate: amount
        .optional()
        .describe("prompt and output tokens/s up to which limits on latency hold with it"),
    })
    .optional()
    .describe(
      "tokens of the engine's own step, and what the best plan with it serves: present where the planner chose engineSettings.batchTokens",
    ),
  arriving: z
    .strictObject({ least: amount, most: amount, runs: z.int().positive() })
    .optional()
    .describe(
      "decode tokens/s of so many runs in which as much arrives at random as is served at full load, and nothing is under way at first: present where requests of a chain may bunch in few batches",
    ),
  stepsUntried: z
    .enum(["interrupted", "time-limit"])
    .optional()
    .describe(
      "why smaller steps, which may serve more, were not all tried: present where the size stayed as it was",
    ),
});

const latency = z.strictObject({
  secondsPerToken: amount.describe("of one user alone"),
  bound: amount.describe("no pipeline takes less"),
});

const survival = z.strictObject({
  worst: z
    .strictObject({
      lost: z.array(z.string()).describe("machines"),
      throughput: amount.describe("tokens/s left at once"),
    })
    .describe("of the losses to be survived (constraints.survive), the one that leaves least"),
  without: z
    .strictObject({ throughput: amount, upperBound: amount })
    .optional()
    .describe("the plan that need not survive anything: what surviving costs"),
});

const strategyEntry = z.strictObject({
  strategy: z.string(),
  served: amount.optional().describe("decode tokens/s by trial"),
  throughput: amount.optional(),
  bound: z.number().optional(),
  failed: z
    .string()
    .optional()
    .describe(
      "why it broke off with an error; the search went on without what it would have found",
    ),
  seconds: amount.optional(),
});

/** placement.json: what the planner writes and serving stacks read. Tokens/s, seconds, bytes. */
export const placementFileSchema = z.strictObject({
  format: z.literal(PLACEMENT_FORMAT),
  cluster: z.strictObject({ name: z.string(), sha256: z.string() }),
  model: z.strictObject({ name: z.string(), layers: z.int().positive() }),
  objective: z.enum(["flow", "served", "goodput", "latency"]),
  engine: z.enum(ENGINE_NAMES).optional().describe("what it was planned for; absent: helix"),
  engineSettings: z
    .strictObject(engineSettings)
    .optional()
    .describe("what was set of the engine; absent: its defaults"),
  partialInference: z
    .literal(false)
    .optional()
    .describe(
      "present when nodes must run whole intervals; absent, a node may run only the end of its own",
    ),
  constraints: constraintsFileSchema
    .optional()
    .describe("what the placement had to respect; absent when nothing was asked for"),
  throughput: amount,
  upperBound: amount,
  gap: z.number(),
  bound: z.string().describe("the bound that proves the gap"),
  status: z.enum(["optimal", "feasible"]),
  termination: z.enum(["gap", "time-limit", "iteration-limit", "interrupted", "exhausted"]),
  nodes: z.array(nodeEntry),
  links: z.array(linkEntry),
  routing: z.record(z.string(), z.array(z.strictObject({ to: z.string(), weight: amount }))),
  pipelines: z.array(
    z.strictObject({
      weight: amount,
      flow: amount,
      stages: z.array(z.strictObject({ node: z.string(), layers })),
    }),
  ),
  bottleneck: z.array(bottleneckEntry),
  assumptions: z
    .array(assumptionEntry)
    .optional()
    .describe("what the cluster and model files do not say; absent when nothing was assumed"),
  estimate: estimate.optional(),
  served: served.optional().describe("what the engine serves of it"),
  latency: latency
    .optional()
    .describe("what one user alone waits for, where it was planned for that"),
  survival: survival.optional().describe("what losses leave, where it was planned for them"),
  solve: z.strictObject({
    seconds: amount,
    seed: z.int(),
    strategies: z.array(strategyEntry),
    processorShare: amount
      .optional()
      .describe(
        "processor time per second and thread of a search that the clock ended; absent unless it was starved",
      ),
    versions: z.record(z.string(), z.string()),
  }),
});

export type PlacementFile = z.infer<typeof placementFileSchema>;
