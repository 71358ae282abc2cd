import * as z from "zod";
import { changeFileSchema } from "./change-schema.js";
import { clusterFileSchema } from "./cluster-schema.js";
import { constraintsFileSchema } from "./constraints-schema.js";
import { placementFileSchema } from "./placement-schema.js";
import { priceListSchema } from "./price-list-schema.js";
import { scenariosSchema } from "./scenarios-schema.js";

/** JSON Schemas (2020-12) of every file format, by name; `docs/schema/<name>.json` holds the same. */
export function jsonSchemas(): Readonly<Record<string, object>> {
  return {
    change: describe(changeFileSchema, "helix-place change file"),
    cluster: describe(clusterFileSchema, "helix-place cluster file"),
    constraints: describe(constraintsFileSchema, "helix-place constraints file"),
    placement: describe(placementFileSchema, "helix-place placement file"),
    prices: describe(priceListSchema, "helix-place price list"),
    scenarios: describe(scenariosSchema, "helix-place scenarios file"),
  };
}

function describe(schema: z.ZodType, title: string): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return { $schema, title, ...rest };
}
