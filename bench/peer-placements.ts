import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Cluster } from "../src/core/cluster.js";
import { placementOf, readPlacementFile } from "../src/formats/read-placement.js";
import type { Rival } from "./served-rivals.js";

/** Placement files of a folder that were made for a cluster of this name and name none but its nodes. */
export function listPeers(folder: string, cluster: Cluster): readonly Rival[] {
  const ids = new Set(cluster.nodes.map(({ id }) => id));
  return readdirSync(folder)
    .filter((name) => name.endsWith(".placement.json"))
    .toSorted()
    .flatMap((name) => {
      const file = readPlacementFile(name, readFileSync(join(folder, name), "utf8"));
      const known = file.nodes.every(({ id }) => ids.has(id));
      if (file.cluster.name !== cluster.name || !known) return [];
      return [
        { name: name.replace(/\.placement\.json$/, ""), placement: placementOf(cluster, file) },
      ];
    });
}
