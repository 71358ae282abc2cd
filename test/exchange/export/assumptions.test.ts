import { describe, expect, it } from "vitest";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import { readAddresses } from "../../../src/formats/read-addresses.js";
import type { Cluster } from "../../../src/core/cluster.js";
import type { Placement } from "../../../src/core/placement.js";
import { exportPlacement } from "../../../src/exchange/export/export-placement.js";
import type { ExportOptions } from "../../../src/exchange/export/export-placement.js";
import type { ExportTargetName } from "../../../src/exchange/export/targets.js";
import { simulatePlacement } from "../../../src/serving/simulate/simulate-placement.js";
import { describe as placementOf } from "./shapes.js";

const NETWORK = { withinRegion: { bandwidth: "100 Gb/s", latency: "0.05 ms" } };

function load(description: object): Cluster {
  const text = JSON.stringify({
    format: "helix-place/cluster@1",
    name: "c",
    network: NETWORK,
    ...description,
  });
  return loadCluster("c", text).cluster;
}

/** The files of an export by path. */
function files(
  cluster: Cluster,
  placement: Placement,
  options: ExportOptions,
): ReadonlyMap<string, string> {
  const outcome = exportPlacement(cluster, placementOf(cluster, placement), options);
  if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.refusals));
  return new Map(outcome.files.map(({ path, text }) => [path, text]));
}

function scripts(
  cluster: Cluster,
  placement: Placement,
  options: ExportOptions,
): readonly string[] {
  return [...files(cluster, placement, options)]
    .filter(([path]) => path.endsWith(".sh"))
    .map(([, text]) => text);
}

function flag(text: string, name: string): number {
  return Number(new RegExp(`${name}[ =]([0-9.]+)`).exec(text)?.[1]);
}

/** Cards of 80 GB of which 30 and 50 are free. */
const PARTLY_FREE = load({
  model: "qwen-2.5-14b",
  machines: {
    left: { gpu: "A100-80GB", memory: "30 GB" },
    more: { gpu: "A100-80GB", memory: "50 GB" },
  },
  nodes: [
    { id: "a", machine: "left" },
    { id: "b", machine: "more" },
  ],
});
const SPLIT: Placement = [
  [0, 16],
  [16, 48],
];

describe("what the plan relied on", () => {
  it("gives a partly used card the share that the plan counted", () => {
    const [a, b] = scripts(PARTLY_FREE, SPLIT, { target: "vllm" });
    expect([flag(a!, "--gpu-memory-utilization"), flag(b!, "--gpu-memory-utilization")]).toEqual([
      0.34, 0.56,
    ]);
    const sglang = scripts(PARTLY_FREE, SPLIT, { target: "sglang" });
    expect(sglang.map((text) => flag(text, "--mem-fraction-static"))).toEqual([0.9, 0.9]);
    expect(sglang[0]).toContain("memory: 0.34 of the whole card");
  });

  it("has no more requests under way in vLLM than a step has tokens, in simulation and in files", () => {
    const cluster = load({
      model: "qwen-2.5-32b",
      engine: { name: "vllm", batchTokens: 512 },
      machines: { m: { gpu: "A100-80GB" } },
      nodes: [{ id: "n", machine: "m", count: 4 }],
    });
    const quarter = [0, 16, 32, 48].map((start) => [start, start + 16] as const);
    const written = files(cluster, quarter, { target: "vllm" });
    const first = [...written.values()].find((text) => text.includes("vllm serve"))!;
    const underWay = flag(first, "--max-num-seqs");
    // vLLM refuses fewer tokens than requests: no more are simulated, and no more are set.
    expect(underWay).toBe(512);
    expect(flag(first, "--max-num-batched-tokens")).toBe(512);
    const { result } = simulatePlacement(cluster, quarter, {
      seed: 1,
      begins: "full",
      warmupSeconds: 20,
      durationSeconds: 60,
    });
    expect(result.meanInFlight).toBeGreaterThan(400);
    expect(result.meanInFlight).toBeLessThanOrEqual(512);
  });

  it.each<[ExportTargetName, string, string]>([
    ["vllm", "--max-model-len", "--max-num-seqs"],
    ["sglang", "--context-length", "--max-running-requests"],
    ["tensorrt-llm", "max_seq_len:", "max_batch_size:"],
    ["ray", "max_model_len:", "max_num_seqs:"],
    ["gpustack", "--max-model-len", "--max-num-seqs"],
    ["dynamo", "--max-model-len", "--max-num-seqs"],
  ])(
    "%s: no longer context and no more short requests than the KV holds",
    (target, context, sequences) => {
      const cluster = load({
        model: "qwen-2.5-32b",
        memoryRule: { minimumRequests: 4 },
        machines: { m: { gpu: "RTX 3090" } },
        nodes: [{ id: "n", machine: "m", count: 4 }],
      });
      const placement = placementOf(
        cluster,
        [0, 16, 32, 48].map((start) => [start, start + 16]),
      );
      const kv = Math.min(...placement.nodes.map(({ kvCacheTokens }) => kvCacheTokens!));
      const outcome = exportPlacement(cluster, placement, { target });
      if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.refusals));
      const text = outcome.files
        .filter(({ path }) => path !== "README.md")
        .map((file) => file.text)
        .join("\n")
        .replaceAll(/\n\s*- "/g, " ")
        .replaceAll(/--context-length/g, "--context-length");
      const tokens = flag(text, context);
      expect(tokens).toBeGreaterThan(0);
      expect(tokens).toBeLessThanOrEqual(kv);
      expect(tokens).toBeLessThanOrEqual(cluster.model.longestContext!);
      // Four batches of 256, but no more than fill the cache when all are a quarter of the mean.
      expect(flag(text, sequences)).toBe(Math.min(4 * 256, Math.ceil((4 * kv) / (763 + 232))));
    },
  );

  it("holds llama.cpp's context and slots to the plan's KV", () => {
    const placement = placementOf(PARTLY_FREE, SPLIT);
    const kv = Math.min(...placement.nodes.map(({ kvCacheTokens }) => kvCacheTokens!));
    const text = scripts(PARTLY_FREE, SPLIT, { target: "llama.cpp" }).find((script) =>
      script.includes("llama-server"),
    )!;
    expect(flag(text, " -c")).toBeLessThanOrEqual(kv);
    expect(flag(text, "-np")).toBe(16);
    expect(flag(text, " -b")).toBe(2048);
  });

  it("names the types that were asked for, and fp16 for cards without bf16", () => {
    const model = { ...PARTLY_FREE.model, askedTypes: { weights: "int4", cache: "fp8" } };
    const cluster = { ...PARTLY_FREE, model };
    const [text] = scripts(cluster, SPLIT, { target: "vllm", model: "org/model" });
    expect(text).toContain("--quantization bitsandbytes");
    expect(text).toContain("--kv-cache-dtype fp8");
    const [quantised] = scripts(cluster, SPLIT, { target: "vllm", model: "org/model-AWQ" });
    expect(quantised).not.toContain("--quantization");
    const old = load({
      model: "llama-2-7b",
      machines: { m: { gpu: "V100-16GB" } },
      nodes: [
        { id: "a", machine: "m" },
        { id: "b", machine: "m" },
      ],
    });
    const halves: Placement = [
      [0, 16],
      [16, 32],
    ];
    expect(scripts(old, halves, { target: "vllm" })[0]).toContain("--dtype float16");
  });

  it("says in the README's first lines what is not carried", () => {
    const unknown = load({
      model: "llama-2-7b",
      machines: { m: { profile: { tokensPerSecond: Array.from({ length: 32 }, () => 100) } } },
      nodes: [{ id: "a", machine: "m" }],
    });
    const readme = files(unknown, [[0, 32]], { target: "vllm" }).get("README.md")!;
    const first = readme.split("\n").slice(2, 9).join("\n");
    expect(first).toContain("Not carried");
    expect(first).toContain("where the weights are");
    expect(first).toContain("the share of memory on `m`");
    expect(first).toContain("room for the KV cache");
    const known = files(PARTLY_FREE, SPLIT, { target: "vllm", model: "Qwen/Qwen2.5-14B" });
    expect(known.get("README.md")!.split("\n")[2]).toMatch(/carry everything/);
  });
});

describe("several nodes on one host", () => {
  const cluster = load({
    model: "llama-3-8b",
    machines: { m: { gpu: "L40S" } },
    nodes: [{ id: "n", machine: "m", count: 4 }],
  });
  const alone: Placement = [
    [0, 16],
    [16, 32],
    [0, 16],
    [16, 32],
  ];
  const together = new Map(
    ["coordinator", "n-0", "n-1", "n-2", "n-3"].map((id) => [id, { host: "box" }]),
  );

  it.each(["vllm", "sglang", "llama.cpp"] as const)(
    "%s: ports and cards apart, the balancer knows them",
    (target) => {
      const options = { target, addresses: together };
      const texts = scripts(cluster, alone, options);
      const cards = texts.map((text) => flag(text, "CUDA_VISIBLE_DEVICES"));
      expect(cards.toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3]);
      const ports = texts.flatMap((text) =>
        [...text.matchAll(/(?:--port|--master-port|-p) (\d+)/g)].map((match) => match[1]!),
      );
      const servers = texts.flatMap((text) => {
        if (!text.includes("--host 0.0.0.0")) return [];
        return [String(flag(text, "--port"))];
      });
      expect(new Set(servers).size).toBe(servers.length);
      expect(ports.length).toBeGreaterThan(1);
      const engine = target === "llama.cpp" ? { engine: target } : {};
      const file = { ...placementOf(cluster, alone), ...engine };
      const front = exportPlacement(cluster, file, { target: "nginx", addresses: together });
      if (front.kind === "refused") throw new Error("refused");
      const named = [...front.files[1]!.text.matchAll(/server box:(\d+)/g)].map(([, port]) => port);
      expect(named.length).toBe(file.pipelines.length);
      for (const port of named) expect(servers).toContain(port);
      // It may stand on the same host.
      const [, listens] = /listen (\d+);/.exec(front.files[1]!.text)!;
      expect(ports).not.toContain(listens);
    },
  );

  it("takes the cards that --addresses names, and refuses what are none", () => {
    const csv = "node,host,port,devices\nn-0,box,,4\nn-1,box,9000,5\n";
    const addresses = readAddresses("a", csv, cluster);
    const placement: Placement = [[0, 16], [16, 32], null, null];
    const texts = scripts(cluster, placement, { target: "vllm", addresses });
    expect(texts.map((text) => flag(text, "CUDA_VISIBLE_DEVICES"))).toEqual([4, 5]);
    const wrong = "node,host,port,devices\nn-0,box,,0-1\nn-1,box,,x\nn-2,box,,1 1\n";
    expect(() => readAddresses("a", wrong, cluster)).toThrow(/3 problems|n-0|devices/);
  });
});

describe("tensor parallel degrees", () => {
  it.each(["vllm", "sglang", "tensorrt-llm", "ray", "lws", "dynamo", "gpustack"] as const)(
    "%s: refuses three cards for 32 heads, takes four",
    (target) => {
      const boxes = (gpus: number): Cluster =>
        load({
          // For any other engine the cards would have been shared out.
          engine: "helix",
          model: "llama-3-8b",
          machines: { m: { gpu: "RTX 4090", gpus } },
          nodes: [{ id: "box", machine: "m" }],
        });
      const outcome = (cluster: Cluster) =>
        exportPlacement(cluster, placementOf(cluster, [[0, 32]]), { target });
      const refused = outcome(boxes(3));
      expect(refused.kind).toBe("refused");
      if (refused.kind === "refused")
        expect(refused.refusals[0]!.reason).toContain("32 attention heads");
      expect(outcome(boxes(4)).kind).toBe("exported");
    },
  );
});

describe("llama.cpp", () => {
  it("runs the server where users arrive, whatever the order of the stages", () => {
    const cluster = load({
      model: {
        name: "m",
        layers: 60,
        layerBytes: 2e8,
        activationBytes: 16_384,
        tokenBytes: 4,
        kvBytesPerToken: 4096,
      },
      machines: { big: { gpu: "RTX 3090" }, small: { gpu: "RTX 3060" } },
      nodes: [
        { id: "remote", machine: "big", region: "lan" },
        { id: "near", machine: "small", region: "box" },
        { id: "best", machine: "big", region: "box" },
        { id: "last", machine: "big", region: "lan" },
      ],
      network: {
        withinRegion: { bandwidth: "60 Gb/s", latency: "0.02 ms" },
        acrossRegions: { bandwidth: "1 Gb/s", latency: "0.5 ms" },
      },
      coordinator: { region: "box" },
    });
    const placement: Placement = [
      [0, 15],
      [15, 30],
      [30, 45],
      [45, 60],
    ];
    const text = files(cluster, placement, { target: "llama.cpp" }).get("chain-1/server-best.sh")!;
    expect(text).toContain("devices=RPC0,RPC1,$own,RPC2\n");
    expect(text).toContain("-ts 15,15,15,16");
    expect(text).toContain("--rpc remote:50052,near:50052,last:50052");
  });
});
