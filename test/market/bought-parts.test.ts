import { expect, test } from "vitest";
import { caveatsOf } from "../../src/core/estimate-notes.js";
import { boughtCluster } from "../../src/market/bought-file.js";
import { buyMachines } from "../../src/market/buy-machines.js";
import { planScenario } from "../../src/market/scenario.js";
import { renderPurchaseReport } from "../../src/report/purchase-report.js";
import { createInlinePorts } from "../support/inline-ports.js";

const FILE = {
  format: "helix-place/cluster@1",
  name: "boxes",
  engine: "vllm",
  model: "qwen-2.5-7b",
  machines: { box: { gpu: "L4", gpus: 2, pricePerHour: 2 } },
  nodes: [{ id: "n", machine: "box" }],
  network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
} as const;
const planning = {
  iterationLimit: 1,
  gap: 0.05,
  seed: 1,
  partialInference: true,
  solver: "highs",
  objective: "flow",
} as const;
const where = (of: readonly { readonly where: string }[]): readonly string[] =>
  of.map((each) => each.where).filter((place) => place.includes("/tp"));

test("what is bought and what is compared names capacities of the parts that the plan has, and its page draws them", async () => {
  const goal = { kind: "budget", dollarsPerHour: 2 } as const;
  const offers = [{ machine: "box", region: undefined, available: 1, pricePerHour: 2 }];
  const base = { ...FILE, machines: { ...FILE.machines }, nodes: [] };
  const ports = createInlinePorts();
  const bought = await buyMachines({ base, offers }, { goal, planning, threads: 0 }, ports);
  const { file, placement } = bought;
  const parts = new Set(placement!.nodes.map(({ machine, cards }) => cards?.length ?? machine));
  const cluster = boughtCluster(file!, placement);
  expect(cluster.nodes.map(({ id }) => id)).toEqual(placement!.nodes.map(({ id }) => id));
  const page = renderPurchaseReport(bought, cluster, { input: "", command: "" });
  expect(page).toContain(placement!.nodes[0]!.id);
  expect([...parts]).toEqual([1]);
  expect(where(caveatsOf(cluster))).toEqual(["machines.box/tp1"]);
  const { result } = await planScenario({ name: "x", file: { ...FILE }, planning } as never, ports);
  expect(where(result.assumptions ?? [])).toEqual(["machines.box/tp1"]);
});
