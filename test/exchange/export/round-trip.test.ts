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
import type { ExportTargetName } from "../../../src/exchange/export/targets.js";
import { randomChains } from "./random-chains.js";
import { SHAPES } from "./shapes.js";

/** Node ids that a shell, an INI or a CSV could stumble over. */
const oddId = (index: number): string => `node ${index}, "of" = [x] % #${index}\n$(y) é`;

const plans: readonly { readonly cluster: Cluster; readonly file: PlacementFile }[] = [
  ...Object.values(SHAPES),
  ...Array.from({ length: 40 }, (_, seed) => randomChains(seed + 1)),
  ...Array.from({ length: 40 }, (_, seed) => randomChains(seed + 1, oddId)),
];

/** What is read back of an export, by the ends of names; and how many plans the target must take. */
const ROUND_TRIPS: readonly (readonly [
  format: PlacementImport,
  target: ExportTargetName,
  ends: readonly string[],
  least: number,
])[] = [
  ["helix", "helix", ["ilp_sol.ini", "nodes.csv"], 80],
  ["vllm", "vllm", [".sh"], 80],
  ["sglang", "sglang", [".sh"], 80],
  ["petals", "petals", [".sh"], 80],
  ["tensorrt-llm", "tensorrt-llm", [".sh", ".yaml"], 80],
  ["llama.cpp", "llama.cpp", [".sh"], 80],
  ["parallax", "parallax", [".sh"], 80],
  ["exo", "exo", [".json"], 80],
  ["kubernetes", "lws", [".yaml"], 8],
  ["kubernetes", "dynamo", [".yaml"], 3],
];

describe.each(ROUND_TRIPS)("import %s from an export to %s", (format, target, ends, least) => {
  it("gives the same layers for every node that carries flow", () => {
    let compared = 0;
    for (const { cluster, file } of plans) {
      const addresses = new Map(
        ["coordinator", ...cluster.nodes.map(({ id }) => id)].map((id) => [id, { host: "h" }]),
      );
      const outcome = exportPlacement(cluster, file, { target, addresses });
      if (outcome.kind === "refused") continue;
      const files = outcome.files
        .filter(({ path }) => ends.some((end) => path.endsWith(end)))
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
    expect(compared).toBeGreaterThan(least);
  });
});

describe("import of other people's files", () => {
  const { cluster } = SHAPES["one-chain"]!;
  const read = (format: PlacementImport, text: string, nodes: readonly string[] = []): unknown =>
    importPlacement(format, [{ name: "given", text }], cluster, nodes).placement;

  it("takes a Helix solution in the order of the cluster file", () => {
    const layers = (from: number, to: number): string =>
      Array.from({ length: to - from }, (_, index) => from + index).join(", ");
    const text = `# by hand\n[Settings]\noffset=2\n\n[Solution]\ncompute_node_3=[${layers(1, 18)}, 0]\ncompute_node_2=[]\ncompute_node_4=[${layers(18, 48)}]\n`;
    expect(read("helix", text)).toEqual([null, [0, 18], [18, 48], null]);
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

  it.each([
    [
      "a comment",
      "#export VLLM_PP_LAYER_PARTITION=1,2,45\nexport VLLM_PP_LAYER_PARTITION=10,8,30\n",
    ],
    [
      "a comment behind",
      "export VLLM_PP_LAYER_PARTITION=10,8,30 # was VLLM_PP_LAYER_PARTITION=1,2,45\n",
    ],
    ["blanks inside quotes", "export VLLM_PP_LAYER_PARTITION='10, 8, 30'\n"],
    ["docker", 'docker run -e VLLM_PP_LAYER_PARTITION="10,8,30" \\\n  vllm/vllm-openai'],
    ["systemd", 'Environment="VLLM_PP_LAYER_PARTITION=10,8,30"\n'],
    [
      "compose, a list",
      "services:\n  v:\n    environment:\n      - VLLM_PP_LAYER_PARTITION=10,8,30 # no: 1,2\n",
    ],
    [
      "compose, a map",
      "services:\n  v:\n    environment:\n      VLLM_PP_LAYER_PARTITION: '10,8,30'\n",
    ],
    ["a manifest", "env:\n  - name: VLLM_PP_LAYER_PARTITION\n    value: 10,8,30\n"],
    ["JSON", '{"env": {"VLLM_PP_LAYER_PARTITION": "10,8,30"}, "n": 3}'],
  ])("understands %s", (_, text) => {
    expect(read("vllm", text, ["mid-0", "small-0", "big-0"])).toEqual([
      [0, 10],
      [10, 18],
      [18, 48],
      null,
    ]);
  });

  it("divides evenly where only the number of stages is said, as each engine does", () => {
    const nodes = ["mid-0", "small-0", "big-0"];
    const thirds = [[0, 16], [16, 32], [32, 48], null];
    expect(read("vllm", "vllm serve m --pipeline-parallel-size 3", nodes)).toEqual(thirds);
    expect(read("vllm", "vllm serve m -pp=3", nodes)).toEqual(thirds);
    expect(read("sglang", "launch_server --pp-size 3", nodes)).toEqual(thirds);
    expect(read("tensorrt-llm", "pipeline_parallel_size: 3\n", nodes)).toEqual(thirds);
  });

  it("gives what does not divide to the stages before vLLM's last", () => {
    const { cluster: odd } = SHAPES["two-regions"]!;
    const model = { ...odd.model, layers: 47 };
    const text = [{ name: "given", text: "vllm serve m --pipeline-parallel-size 3" }];
    const wide = { ...odd, model };
    const { placement } = importPlacement("vllm", text, wide, ["us-a", "us-b", "us-c"]);
    expect(placement.slice(2)).toEqual([
      [0, 16],
      [16, 32],
      [32, 47],
    ]);
  });

  it("takes TensorRT-LLM's list in any notation", () => {
    const nodes = ["mid-0", "small-0", "big-0"];
    const planned = [[0, 10], [10, 18], [18, 48], null];
    expect(read("tensorrt-llm", "pp_partition: [10, 8, 30]\n", nodes)).toEqual(planned);
    expect(read("tensorrt-llm", "pp_partition:\n  - 10\n  - 8\n  - 30\nx: 1\n", nodes)).toEqual(
      planned,
    );
  });

  it("divides shares as llama.cpp does", () => {
    const nodes = ["mid-0", "small-0", "big-0"];
    const text = "llama-server -m m.gguf -ngl 999 --tensor-split 10/8/31\n";
    expect(read("llama.cpp", text, nodes)).toEqual([[0, 10], [10, 18], [18, 48], null]);
    const rough = "llama-server -ts 1,1,2 -ngl 99";
    expect(read("llama.cpp", rough, nodes)).toEqual([[0, 13], [13, 25], [25, 48], null]);
  });

  it("takes exo's own instances, and Kubernetes objects of others", () => {
    const shard = (rank: number, startLayer: number, endLayer: number): object => ({
      PipelineShardMetadata: { deviceRank: rank, startLayer, endLayer, nLayers: 48 },
    });
    const ring = { runnerToShard: { b: shard(1, 24, 48), a: shard(0, 0, 24) } };
    const instance = JSON.stringify({ MlxRingInstance: { shardAssignments: ring } });
    expect(read("exo", instance, ["mid-0", "big-0"])).toEqual([[0, 24], null, [24, 48], null]);
    const pod =
      "kind: List\nitems:\n- kind: Pod\n  metadata: {name: p}\n  spec:\n    containers:\n    - args: [serve, m, --pipeline-parallel-size, '2']\n";
    expect(read("kubernetes", pod, ["mid-0", "big-0"])).toEqual([[0, 24], null, [24, 48], null]);
  });

  it("refuses a chain without all of its ranks", () => {
    const { file } = SHAPES["one-chain"]!;
    const outcome = exportPlacement(cluster, file, { target: "vllm" });
    if (outcome.kind === "refused") throw new Error("refused");
    const given = outcome.files
      .filter(({ path }) => path.endsWith(".sh"))
      .slice(1)
      .map(({ path, text }) => ({ name: path, text }));
    expect(() => importPlacement("vllm", given, cluster)).toThrow(/no file of rank 0/);
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
    ["vllm", "VLLM_PP_LAYER_PARTITION=10,39", ["mid-0", "big-0"], /49 layers in all.*48 in all/],
    ["vllm", "export VLLM_PP_LAYER_PARTITION=10,30", ["mid-0", "big-0"], /40 layers in all/],
    ["vllm", "#VLLM_PP_LAYER_PARTITION=10,38", ["mid-0", "big-0"], /no layer partition/],
    ["llama.cpp", "llama-server -ts 1,2 -ngl 20", ["mid-0", "big-0"], /-ngl 20/],
    ["llama.cpp", "llama-server -m x", ["mid-0", "big-0"], /no shares/],
    ["sglang", "launch_server --pp-size 5", [], /5 stages for 48 layers/],
    ["parallax", "parallax join --start-layer 0 --end-layer 10", [], /no node/],
    ["exo", "{}", [], /no shard/],
    ["kubernetes", "kind: Pod", [], /no object/],
    ["kubernetes", "a: [", [], /YAML/],
    ["petals", "mid-0,0:18\nbig-0,20:48\n", [], /layers \[18, 20\)/],
    ["petals", "mid-0,0:48", [], /at most 24/],
    ["petals", "mid-0 0:12", [], /node,start:end/],
    ["petals", "mid0,0:12", [], /Did you mean "mid-0"/],
    ["petals", "mid-0,0:12\nmid-0,1:12", [], /mid-0 again/],
  ])("refuses %s %j %j", (format, text, nodes, message) => {
    expect(() => read(format, text, nodes)).toThrow(InputError);
    expect(() => read(format, text, nodes)).toThrow(message);
  });
});
