import { z } from "zod";
import { ENGINE_NAMES } from "../core/engine-choice.js";

export const CHANGE_FORMAT = "helix-place/change@1";

const amount = z.number().nonnegative();
const layers = z
  .tuple([z.int().nonnegative(), z.int().positive()])
  .nullable()
  .describe("half-open layer interval [start, end); null: nothing");

const changeStep = z.strictObject({
  nodes: z
    .array(
      z.strictObject({
        id: z.string(),
        from: layers,
        to: layers,
        bytes: amount.describe("weights that it loads"),
        seconds: amount,
      }),
    )
    .min(1)
    .describe("nodes that stop, load and come back together"),
  bytes: amount,
  seconds: amount.describe("until the slowest of its nodes has loaded"),
  throughput: amount.describe("tokens/s that the others carry during the step"),
  routing: z
    .record(z.string(), z.array(z.strictObject({ to: z.string(), weight: amount })))
    .describe("next hops during the step; weights sum to 1 per node"),
});

/** change.json: how to get from what runs to a new placement, step by step. Tokens/s, seconds, bytes. */
export const changeFileSchema = z.strictObject({
  format: z.literal(CHANGE_FORMAT),
  cluster: z.strictObject({ name: z.string(), sha256: z.string() }),
  model: z.strictObject({ name: z.string(), layers: z.int().positive() }),
  engine: z.enum(ENGINE_NAMES).optional().describe("what it was planned for; absent: helix"),
  partialInference: z.literal(false).optional(),
  before: z.array(z.strictObject({ id: z.string(), layers })).describe("what the nodes hold now"),
  throughput: z
    .strictObject({ before: amount, after: amount })
    .describe("tokens/s without a node away"),
  floor: z.strictObject({
    asked: amount.describe("tokens/s that every step should leave"),
    kept: z.boolean(),
    best: amount.describe("the highest floor that an order keeps"),
    proven: z.boolean().describe("whether all orders were looked at"),
    secondsBelow: amount.describe("seconds of steps that leave less than was asked for"),
  }),
  loadRate: amount.describe("bytes/s at which every node loads"),
  bytes: amount,
  seconds: amount.describe("of all steps, one after another"),
  steps: z.array(changeStep),
});

export type ChangeFile = z.infer<typeof changeFileSchema>;
