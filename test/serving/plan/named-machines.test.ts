import { expect, test } from "vitest";
import { checkPlacement } from "../../../src/check/check-placement.js";
import type { Cluster } from "../../../src/core/cluster.js";
import { withNamedParts } from "../../../src/core/parting.js";
import { matchRunning } from "../../../src/formats/match-running.js";
import { partedAs } from "../../../src/formats/parted-as.js";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { plan, type PlanOptions } from "../../../src/serving/plan/plan.js";
import { replan } from "../../../src/serving/plan/replan.js";
import { createInlinePorts } from "../../support/inline-ports.js";

/** Few layers: what is tested is who is called what. */
const LAYERS = {
  name: "small",
  layers: 8,
  layerBytes: 4e8,
  activationBytes: 8192,
  tokenBytes: 4,
  kvBytesPerToken: 4096,
};

/** Machines of four cards that the planner shares out, unless `more` says otherwise. */
function fileOf(count: number, more: object = {}): object {
  return {
    format: "helix-place/cluster@1",
    name: "boxes",
    model: LAYERS,
    tensorParallel: "auto",
    workload: { promptTokens: 300, outputTokens: 100 },
    machines: { box: { gpu: "L40S", gpus: 4, nic: "10 Gb/s" } },
    nodes: [{ id: "box", machine: "box", count, region: "r" }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
    coordinator: { region: "r" },
    ...more,
  };
}

function boxes(count: number, more: object = {}): Cluster {
  return resolveCluster("cluster.json", fileOf(count, more));
}

const QUICK = { iterationLimit: 1, threads: 0, objective: "flow" } as const;

async function planned(cluster: Cluster, options: PlanOptions = {}) {
  const outcome = await plan(cluster, { ...QUICK, ...options }, createInlinePorts());
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  return outcome;
}

const ids = ({ nodes }: Pick<Cluster, "nodes">): readonly string[] => nodes.map(({ id }) => id);

test("an open file is planned as auto is; all cards of a machine as one have its name, whole leaves machines nodes", async () => {
  expect(ids(boxes(2))).toEqual(["box-0", "box-1"]);
  expect(boxes(2).parting).toBeDefined();
  const open = { tensorParallel: undefined };
  expect((await planned(boxes(2, open))).file.nodes).toEqual((await planned(boxes(2))).file.nodes);
  expect(boxes(2, { ...open, engine: "helix" }).parting).toBeUndefined();
  expect(boxes(2, { tensorParallel: "whole" }).parting).toBeUndefined();
});

test("a placement of whole machines, as files were before, holds, and stays one of whole machines", async () => {
  const { file } = await planned(boxes(2, { tensorParallel: "whole" }));
  expect(file.nodes.every(({ cards }) => cards === undefined)).toBe(true);
  expect(checkPlacement(boxes(2), file)).toEqual([]);
  // A third machine, which the file does not name, is parted as its like is.
  const grown = partedAs("placement.json", boxes(3), file);
  expect(ids(grown)).toEqual(["box-0", "box-1", "box-2"]);
  expect(matchRunning("placement.json", grown, file).added).toEqual(["box-2"]);
});

test("replanning keeps parts of machines as they run, those of a machine that is gone are gone", async () => {
  const { file } = await planned(boxes(2, { tensorParallel: [2] }));
  const grown = partedAs("placement.json", boxes(3), file);
  expect(ids(grown)).toEqual([0, 1, 2].flatMap((box) => [`box-${box}/0-1`, `box-${box}/2-3`]));
  const { held } = matchRunning("placement.json", grown, file);
  const outcome = await replan(grown, held, QUICK, createInlinePorts());
  if (outcome.kind !== "replanned") throw new Error(outcome.kind);
  expect(outcome.file.nodes.map(({ id }) => id)).toEqual(ids(grown));
  const one = boxes(1, { nodes: [{ id: "box-0", machine: "box", region: "r" }] });
  const left = partedAs("placement.json", one, file);
  expect(ids(left)).toEqual(["box-0/0-1", "box-0/2-3"]);
  expect(matchRunning("placement.json", left, file).gone).toEqual(["box-1/0-1", "box-1/2-3"]);
});

test("a pin of a machine keeps its cards together, one of a part that part", async () => {
  for (const [id, beside] of [
    ["box-0", []],
    ["box-0/2-3", ["box-0/0-1"]],
  ] as const) {
    const cluster = withNamedParts(boxes(2), [id]);
    const pins = new Map([[ids(cluster).indexOf(id), [0, 8] as const]]);
    const { file } = await planned(cluster, { constraints: { pins, drained: new Set() } });
    const own = file.nodes.filter(({ machine }) => machine === "box-0");
    expect(own.map(({ id: each }) => each).sort()).toEqual([...beside, id].sort());
    expect(own.find((node) => node.id === id)!.layers).toEqual([0, 8]);
  }
});

test("for one user alone the quickest of all degrees is found, under a bound that holds for each", async () => {
  const { latency } = (await planned(boxes(2), { objective: "latency" })).file;
  for (const degree of [1, 2, 4]) {
    const alike = await planned(boxes(2, { tensorParallel: degree }), { objective: "latency" });
    const { secondsPerToken } = alike.file.latency!;
    expect(latency!.secondsPerToken).toBeLessThanOrEqual(secondsPerToken * (1 + 1e-9));
    expect(latency!.bound).toBeLessThanOrEqual(secondsPerToken * (1 + 1e-9));
  }
  expect(latency!.bound).toBeCloseTo(latency!.secondsPerToken, 9);
});

test("parts asked for in place of what the file says hold wherever their placement is read", async () => {
  const says = { machines: { box: { gpu: "L40S", gpus: 4, tensorParallel: 4, nic: "10 Gb/s" } } };
  const read = (asked: object): Cluster =>
    resolveCluster("c.json", fileOf(2, says), undefined, asked);
  const { file } = await planned(read({ tensorParallel: "auto" }));
  expect(file.nodes.some(({ cards }) => cards !== undefined)).toBe(true);
  expect(checkPlacement(read({ parted: true }), file)).toEqual([]);
  expect(ids(partedAs("placement.json", read({ parted: true }), file))).toEqual(
    file.nodes.map(({ id }) => id),
  );
});
