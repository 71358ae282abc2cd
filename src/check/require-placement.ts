import type { Cluster } from "../core/cluster.js";
import { BugError } from "../core/errors.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { checkPlacement } from "./check-placement.js";

/** A placement of our own, as it leaves the program. @throws BugError when the re-check refuses it. */
export function requirePlacement(cluster: Cluster, file: PlacementFile): PlacementFile {
  const [failure] = checkPlacement(cluster, file);
  if (failure === undefined) return file;
  throw new BugError(`the re-check refuses the placement: ${JSON.stringify(failure)}`);
}
