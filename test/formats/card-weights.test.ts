import { expect, test } from "vitest";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";

/** What is said of weights that a card has no code for. */
function said(
  dtype: string,
  machine: object,
  engine = "vllm",
  about = "weights",
): readonly string[] {
  const cluster = resolveCluster("cluster.json", {
    format: "helix-place/cluster@1",
    name: "old",
    engine,
    model: { preset: "llama-3-8b", dtype },
    machines: { box: machine, listed: { gpu: "V100-16GB" } },
    nodes: [{ id: "box", machine: "box" }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
  } as never);
  return (cluster.assumptions ?? [])
    .filter(({ what }) => what.includes(about))
    .map(({ what, where }) => `${where}: ${what}`);
}

test("weights that vLLM has no code for on a V100 are named with the machine", () => {
  const old = { gpu: "V100-16GB" };
  expect(said("awq", old)).toEqual([
    "machines.box: vLLM runs no awq weights on V100-16GB (compute capability 7.0), by its documentation",
  ]);
  expect(said("fp8", { cards: [{ gpu: "T4" }, { gpu: "V100-32GB" }] })).toHaveLength(1);
  for (const dtype of ["gptq", "nf4", "bf16"]) expect(said(dtype, old)).toEqual([]);
  expect(said("awq", { gpu: "T4" })).toEqual([]);
  expect(said("awq", old, "llama.cpp")).toEqual([]);
});

test("cards that exo leaves idle are named, as its export does", () => {
  const idle = (machine: object, engine: string): readonly string[] =>
    said("bf16", machine, engine, "only Macs use their GPUs");
  expect(idle({ gpu: "RTX-3090" }, "exo")).toEqual([
    "machines.box: exo computes on the processor alone under Linux: only Macs use their GPUs",
  ]);
  expect(idle({ gpu: "M4-Max-64GB" }, "exo")).toEqual([]);
  expect(idle({ gpu: "RTX-3090" }, "llama.cpp")).toEqual([]);
});
