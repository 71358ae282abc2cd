import type { Cluster } from "../core/cluster.js";
import type { ExportedChange } from "../exchange/export/export-change.js";
import { matchRunning } from "../formats/match-running.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { readChangeFile, resolveChange } from "../formats/read-change.js";
import { placementFor, readPlacementFile } from "../formats/read-placement.js";
import { requireArrival } from "../formats/require-arrival.js";
import { optionError } from "./options.js";

/** A placement file and where it came from. */
export interface NamedPlacement {
  readonly path: string;
  readonly file: PlacementFile;
}

/**
 * The change that --change and --running name, which goes from the one placement to the other; undefined without both.
 * @throws InputError where one is missing, or they and the placement do not belong together.
 */
export async function readChangeEnds(
  paths: { readonly change?: string; readonly running?: string },
  cluster: Cluster,
  { path, file }: NamedPlacement,
  read: (path: string) => Promise<string>,
): Promise<ExportedChange | undefined> {
  if (paths.change === undefined && paths.running === undefined) return undefined;
  if (paths.change === undefined || paths.running === undefined) {
    const [given, missing] =
      paths.change === undefined ? ["--running", "--change"] : ["--change", "--running"];
    throw optionError(
      given,
      `no ${missing}`,
      "both",
      "--change is the file of helix-place replan --steps, --running the placement that was given to it.",
    );
  }
  const running = readPlacementFile(paths.running, await read(paths.running));
  const change = readChangeFile(paths.change, await read(paths.change));
  const { held } = matchRunning(paths.running, cluster, running);
  const resolved = resolveChange(paths.change, cluster, change, held);
  requireArrival(paths.change, cluster, resolved, placementFor(path, cluster, file));
  return { running, file, change };
}
