import { describe, expect, it } from "vitest";
import { exportPlacement } from "../../../src/exchange/export/export-placement.js";
import { describeImportedPlacement } from "../../../src/exchange/import/describe-import.js";
import { checkPlacement } from "../../../src/check/check-placement.js";
import type { Cluster } from "../../../src/core/cluster.js";
import { InputError } from "../../../src/core/errors.js";
import {
  importPlacement,
  type PlacementImport,
} from "../../../src/exchange/import/import-placement.js";
import type { PlacementFile } from "../../../src/formats/placement-schema.js";
import { randomChains } from "./random-chains.js";
import { SHAPES } from "./shapes.js";

/** Node ids that a shell, an INI or a CSV could stumble over. */
const oddId = (index: number): string => `node ${index}, "of" = [x] % #${index}\n$(y) é`;

const plans: readonly { readonly cluster: Cluster; readonly file: PlacementFile }[] = [
  ...Object.values(SHAPES),
  ...Array.from({ length: 40 }, (_, seed) => randomChains(seed + 1)),
  ...Array.from({ length: 40 }, (_, seed) => randomChains(seed + 1, oddId)),
];

describe.each(["helix", "vllm", "sglang", "petals"] as const)("export to %s, import", (format) => {
  it("gives the same layers for every node that carries flow", () => {
    let compared = 0;
    for (const { cluster, file } of plans) {
      const addresses = new Map(
        ["coordinator", ...cluster.nodes.map(({ id }) => id)].map((id) => [id, { host: "h" }]),
      );
      const outcome = exportPlacement(cluster, file, { target: format, addresses });
      if (outcome.kind === "refused") continue;
      const files = outcome.files
        .filter(({ path }) => ["ilp_sol.ini", "nodes.csv"].includes(path) || path.endsWith(".sh"))
        .map(({ path, text }) => ({ name: path, text }));
      const { placement } = importPlacement(format, files, cluster);
      expect(placement).toEqual(file.nodes.map(({ layers, flow }) => (flow > 0 ? layers : null)));
      const { file: again } = describeImportedPlacement({
        format,
        files,
        cluster,
        clusterSha256: "",
      });
      expect(checkPlacement(cluster, again)).toEqual([]);
      if (format === "helix") expect(again.throughput).toBeCloseTo(file.throughput, 6);
      compared++;
    }
    expect(compared).toBeGreaterThan(80);
  });
});

describe("import of other people's files", () => {
  const { cluster } = SHAPES["one-chain"]!;
  const read = (format: PlacementImport, text: string, nodes: readonly string[] = []): unknown =>
    importPlacement(format, [{ name: "given", text }], cluster, nodes).placement;

  it("takes a Helix solution in the order of the cluster file", () => {
    const text = `# by hand\n[Settings]\noffset=2\n\n[Solution]\ncompute_node_3=[1, 2, 0]\ncompute_node_2=[]\n`;
    expect(read("helix", text)).toEqual([null, [0, 3], null, null]);
  });

  it("takes a partition with the nodes in rank order", () => {
    const text = "docker run -e VLLM_PP_LAYER_PARTITION='10,8,30' image vllm serve m\n";
    const nodes = ["mid-0", "small-0", "big-0"];
    expect(read("vllm", text, nodes)).toEqual([[0, 10], [10, 18], [18, 48], null]);
    expect(read("vllm", 'env:\n  VLLM_PP_LAYER_PARTITION: "10,8,30"\n', nodes)).toEqual([
      [0, 10],
      [10, 18],
      [18, 48],
      null,
    ]);
  });

  it("takes a list of blocks", () => {
    expect(read("petals", "node,blocks\nmid-0,0:18\nbig-0, 18:48\n")).toEqual([
      [0, 18],
      null,
      [18, 48],
      null,
    ]);
  });

  it.each<[PlacementImport, string, readonly string[], RegExp]>([
    ["helix", "[Solution]\ncompute_node_2=[0, 2]\n", [], /line 2.*a run of layers/],
    ["helix", "[Solution]\ncompute_node_2=range(9)\n", [], /a list of layers/],
    ["helix", "[Solution]\ncompute_node_9=[0]\n", [], /"compute_node_9".*a node of the cluster/],
    ["helix", "", [], /no layers of any node/],
    ["vllm", "VLLM_PP_LAYER_PARTITION=10,38", [], /--nodes/],
    [
      "vllm",
      "VLLM_PP_LAYER_PARTITION=10,38",
      ["mid-0"],
      /partition 10,38.*as many stages as nodes/,
    ],
    ["vllm", "VLLM_PP_LAYER_PARTITION=10,39", ["mid-0", "big-0"], /\[10, 49\) on big-0/],
    ["petals", "mid-0,0:48", [], /at most 24/],
    ["petals", "mid-0 0:12", [], /node,start:end/],
    ["petals", "mid0,0:12", [], /Did you mean "mid-0"/],
    ["petals", "mid-0,0:12\nmid-0,1:12", [], /mid-0 again/],
  ])("refuses %s %j %j", (format, text, nodes, message) => {
    expect(() => read(format, text, nodes)).toThrow(InputError);
    expect(() => read(format, text, nodes)).toThrow(message);
  });
});
