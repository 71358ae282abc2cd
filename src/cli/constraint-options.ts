import type { Cluster } from "../core/cluster.js";
import {
  parseConstraints,
  resolvePins,
  type ConstraintsFile,
} from "../formats/constraints-schema.js";
import { parseJson } from "../formats/parse-json.js";
import type { PlacementConstraints } from "../planner/problem/problem.js";
import { optionError } from "./options.js";

/** Options that restrict placements; the same words in every command that plans. */
export interface ConstraintOptions {
  readonly maxDepth?: number;
  readonly maxNodesPerStage?: number;
  readonly chainsOnly?: boolean;
  readonly pin?: readonly string[];
  readonly drain?: readonly string[];
  readonly survive?: number;
  readonly floor?: number;
  readonly constraints?: string;
}

/** Constraints from a file and from options; options win. @throws InputError. */
export async function readConstraints(
  options: ConstraintOptions,
  cluster: Cluster,
  read: (path: string) => Promise<string>,
): Promise<PlacementConstraints> {
  const path = options.constraints;
  const file = path === undefined ? {} : parseConstraints(path, parseJson(path, await read(path)));
  const source = path ?? "command line";
  const pin = { ...file.pin, ...parsePins(options.pin ?? []) };
  const drain = [...(file.drain ?? []), ...(options.drain ?? [])];
  const maxDepth = options.maxDepth ?? file.maxDepth;
  const maxNodesPerStage = options.maxNodesPerStage ?? file.maxNodesPerStage;
  return {
    ...resolvePins(source, cluster, { pin, drain }),
    ...(maxDepth === undefined ? {} : { maxDepth }),
    ...(maxNodesPerStage === undefined ? {} : { maxNodesPerStage }),
    ...surviveOf(options, file),
    ...((options.chainsOnly ?? file.chainsOnly) === true ? { chainsOnly: true } : {}),
  };
}

const DEFAULT_FLOOR = 0.5;

/** @throws InputError for a floor without losses. */
function surviveOf(
  { survive, floor }: ConstraintOptions,
  file: ConstraintsFile,
): Pick<PlacementConstraints, "survive"> {
  const losses = survive ?? file.survive?.losses;
  if (losses === undefined && floor !== undefined)
    throw optionError(
      "--floor",
      String(floor),
      "--survive beside it",
      "Say with --survive how many machines may be lost.",
    );
  if (losses === undefined) return {};
  return { survive: { losses, floor: floor ?? file.survive?.floor ?? DEFAULT_FLOOR } };
}

/** Ids of the nodes that constraints name, in a file or by options. @throws InputError. */
export async function namedNodes(
  options: ConstraintOptions,
  read: (path: string) => Promise<string>,
): Promise<{ readonly pinned: readonly string[]; readonly drained: readonly string[] }> {
  const path = options.constraints;
  const file = path === undefined ? {} : parseConstraints(path, parseJson(path, await read(path)));
  const pins = { ...file.pin, ...parsePins(options.pin ?? []) };
  const drained = [...(file.drain ?? []), ...(options.drain ?? [])];
  return { pinned: Object.keys(pins), drained };
}

function parsePins(pins: readonly string[]): Record<string, [number, number]> {
  return Object.fromEntries(
    pins.map((pin): [string, [number, number]] => {
      const match = /^([^]+)=(\d+):(\d+)$/.exec(pin);
      if (match === null) {
        throw optionError(
          "--pin",
          pin,
          "node=start:end, such as a100-0=0:8",
          "Correct the option.",
        );
      }
      return [match[1]!, [Number(match[2]), Number(match[3])]];
    }),
  );
}
