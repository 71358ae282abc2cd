import { expect, test } from "vitest";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { findEngine } from "../../src/engines/engines.js";
import { listForeign } from "../../src/engines/run-together.js";
import { findObstacle } from "../../src/planner/problem/feasibility.js";
import { problemFor } from "../../src/serving/served/problem-for.js";

function home(model: string, machines: Record<string, object>, asked?: "vllm", more: object = {}) {
  const file = {
    format: "helix-place/cluster@1",
    name: "home",
    model,
    machines,
    nodes: Object.keys(machines).map((machine) => ({ id: machine, machine })),
    network: { withinRegion: { bandwidth: "1 Gb/s", latency: "1 ms" } },
    ...more,
  };
  return resolveCluster("home", file, undefined, asked && { name: asked });
}
const PC = { gpu: "RTX 4090" };
const MAC = { gpu: "M3-Max-64GB" };

test("vLLM is the default where the machines that it runs on hold the model; the others stay idle, and that is said", () => {
  const cluster = home("llama-3-8b", { pc: PC, mac: MAC });
  expect(cluster.engine?.name).toBe("vllm");
  expect([...problemFor(cluster, {}).constraints.drained]).toEqual([1]);
  expect(cluster.assumptions?.map(({ where }) => where)).toContain("machines.mac");
});

test("llama.cpp is where they do not, by card or by unlike numbers of cards", () => {
  const model = "llama-3-70b";
  const box = { gpu: "RTX 3090", gpus: 2 };
  const cards = home(model, { pc: PC, one: MAC, two: MAC, three: MAC });
  expect(cards.engine?.name).toBe("llama.cpp");
  expect(cards.engine?.from).toContain("vLLM");
  expect(problemFor(cards, {}).constraints.drained.size).toBe(0);
  const whole = { tensorParallel: "whole" };
  const unlike = home("qwen-2.5-32b", { pc: PC, other: PC, box }, undefined, whole);
  expect(unlike.engine?.name).toBe("llama.cpp");
  expect(unlike.nodes).toHaveLength(4);
  // Where cards may be shared out, machines with unlike numbers of them have parts of one degree.
  const open = home("qwen-2.5-32b", { pc: PC, other: PC, box });
  expect(open.engine?.name).toBe("vllm");
  expect(open.parting).toBeDefined();
});

test("a machine at either end of the model holds fewer layers, which counts for the default, too", () => {
  // 19 and 15 of 32 layers in the middle, and 31 with embedding and head.
  const cards = { new: { gpu: "RTX 4070" }, old: { gpu: "RTX 3080" }, mac: { gpu: "M2-Max-32GB" } };
  const cluster = home("llama-3-8b", cards);
  expect(cluster.engine?.name).toBe("llama.cpp");
  expect(findObstacle(problemFor(cluster, {}))).toBeUndefined();
  const asked = home("llama-3-8b", { new: cards.new, old: cards.old }, "vllm");
  expect(findObstacle(problemFor(asked, {}))?.missingLayers).toBeGreaterThan(0);
  expect(listForeign(cluster, findEngine("vllm"))).toEqual([2]);
});

test("an engine asked for by name is taken at its word", () => {
  const cluster = home("llama-3-8b", { pc: PC, mac: MAC }, "vllm");
  expect(problemFor(cluster, {}).constraints.drained.size).toBe(0);
});
