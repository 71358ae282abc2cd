import * as z from "zod";
import { InputError } from "../core/errors.js";
import { coordinatorSchema, gpuSchema, machineSchema, networkSchema } from "./cluster-schema.js";
import { describeIssues } from "./describe-issues.js";

const PRICE_LIST_FORMAT = "helix-place/prices@1";

const name = z.string().min(1);

const offer = z.strictObject({
  region: name.optional(),
  count: z.int().positive().max(100_000).describe("machines that can be had there"),
  pricePerHour: machineSchema.shape.pricePerHour.describe("where it differs from the machine's"),
});

const priced = machineSchema
  .extend({
    availability: z
      .array(offer)
      .min(1)
      .describe(
        'how many can be had, by region: [{"region", "count"}], without a region where nodes have none',
      ),
  })
  .describe(
    "like a machine of a cluster file; with neither gpu, cards nor profile its name is that of a machine of the cluster or of a catalogue GPU",
  );

/** prices.json: what machines cost and how many there are of them, by region. */
export const priceListSchema = z.strictObject({
  $schema: z.string().optional(),
  format: z.literal(PRICE_LIST_FORMAT),
  name,
  date: z.iso.date().describe("when the prices held, as 2025-10-01"),
  description: z.string().optional(),
  machines: z.record(name, priced),
  gpus: z.record(name, gpuSchema).optional(),
  network: networkSchema.optional().describe("links within and between the regions on offer"),
  coordinator: coordinatorSchema.optional(),
});

export type PriceList = z.infer<typeof priceListSchema>;

/**
 * Parsed JSON → price list. Every offer has a price afterwards.
 * @throws InputError with every problem.
 */
export function readPriceList(source: string, json: unknown): PriceList {
  const parsed = priceListSchema.safeParse(json);
  if (!parsed.success) {
    throw new InputError(source, describeIssues(parsed.error.issues, priceListSchema, json));
  }
  const problems = Object.entries(parsed.data.machines).flatMap(([machine, entry]) =>
    entry.availability.flatMap((place, index) =>
      place.pricePerHour === undefined && entry.pricePerHour === undefined
        ? [
            {
              path: `machines.${machine}.availability[${index}]`,
              found: "no price",
              expected: "pricePerHour here or of the machine",
              remedy: 'Add "pricePerHour": "1.20 $/h".',
            },
          ]
        : [],
    ),
  );
  if (problems.length > 0) throw new InputError(source, problems);
  return parsed.data;
}
