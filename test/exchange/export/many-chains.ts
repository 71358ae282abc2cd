import type { Placement } from "../../../src/core/placement.js";
import { exportPlacement } from "../../../src/exchange/export/export-placement.js";
import type { ExportFile } from "../../../src/exchange/export/outcome.js";
import type { ExportTargetName } from "../../../src/exchange/export/targets.js";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import { describe as placementOf } from "./shapes.js";

/** The Kubernetes objects of a plan of so many chains of two nodes each, as files. */
export function exportManyChains(count: number, target: ExportTargetName): readonly ExportFile[] {
  const machines = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `m${index}`,
      {
        gpu: "L4",
        profile: {
          tokensPerSecond: [4000 + 37 * (index % 23), 2000 + 37 * (index % 23)],
          kvCacheTokens: [9000, 4000],
        },
      },
    ]),
  );
  const text = JSON.stringify({
    format: "helix-place/cluster@1",
    name: "many",
    model: {
      name: "m",
      layers: 4,
      layerBytes: 1e8,
      activationBytes: 4096,
      tokenBytes: 2,
      kvBytesPerToken: 1024,
    },
    machines,
    nodes: Object.keys(machines).flatMap((machine) => [
      { id: `${machine}-a`, machine, region: machine },
      { id: `${machine}-b`, machine, region: machine },
    ]),
    network: {
      withinRegion: { bandwidth: "10 Gb/s" },
      regions: Object.keys(machines).flatMap((machine) => [
        { between: ["front", machine], bandwidth: "100 Gb/s" },
      ]),
    },
    coordinator: { region: "front" },
  });
  const { cluster } = loadCluster("many", text);
  const placement: Placement = cluster.nodes.map((_, index) => (index % 2 === 0 ? [0, 2] : [2, 4]));
  const outcome = exportPlacement(cluster, placementOf(cluster, placement), { target });
  if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.refusals));
  return outcome.files.filter(({ path }) => path.endsWith(".yaml"));
}
