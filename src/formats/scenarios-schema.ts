import * as z from "zod";
import { InputError } from "../core/errors.js";
import { describeIssues } from "./describe-issues.js";

const SCENARIOS_FORMAT = "helix-place/scenarios@1";

const name = z.string().min(1);

/** scenarios.json: changes of a cluster to try, one by one or as a grid. */
export const scenariosSchema = z.strictObject({
  $schema: z.string().optional(),
  format: z.literal(SCENARIOS_FORMAT),
  scenarios: z
    .array(z.strictObject({ name, changes: z.array(name).describe('as "add 4xa100@us-east1"') }))
    .optional(),
  grid: z
    .array(
      z.strictObject({
        machine: name,
        region: name.optional(),
        counts: z.array(z.int().nonnegative()).min(1).describe("nodes of this machine, in all"),
      }),
    )
    .min(1)
    .optional()
    .describe("every combination of the counts is a scenario"),
});

export type ScenariosFile = z.infer<typeof scenariosSchema>;

/** Structure of a scenarios file. @throws InputError with every problem. */
export function readScenarios(source: string, json: unknown): ScenariosFile {
  const parsed = scenariosSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new InputError(source, describeIssues(parsed.error.issues, scenariosSchema, json));
}
