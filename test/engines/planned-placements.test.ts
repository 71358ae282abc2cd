import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ENGINE_NAMES, type EngineName } from "../../src/core/engine-choice.js";
import { COORDINATOR_ID, type Cluster } from "../../src/core/cluster.js";
import type { Model } from "../../src/core/model.js";
import { createRandom } from "../../src/core/random.js";
import { exportPlacement } from "../../src/exchange/export/export-placement.js";
import { EXPORT_TARGETS, type ExportTargetName } from "../../src/exchange/export/targets.js";
import {
  importPlacement,
  type PlacementImport,
} from "../../src/exchange/import/import-placement.js";
import { partedAs } from "../../src/formats/parted-as.js";
import type { PlacementFile } from "../../src/formats/placement-schema.js";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { plan } from "../../src/serving/plan/plan.js";
import { createInlinePorts } from "../support/inline-ports.js";

const HEADS = [12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 96, 128];
/** Under these names the placement is read back; the other targets choose or hide the nodes. */
const PINNED: Partial<Record<EngineName, PlacementImport & ExportTargetName>> = {
  vllm: "vllm",
  sglang: "sglang",
  "tensorrt-llm": "tensorrt-llm",
  "llama.cpp": "llama.cpp",
  petals: "petals",
  parallax: "parallax",
  exo: "exo",
};

/** Where one plan in four is made for what is served. */
const served: ReadonlySet<EngineName> = new Set(["vllm", "llama.cpp"]);

interface Drawn {
  readonly cluster: Cluster;
  readonly model: Model;
  readonly keyHeads: number;
}

/** Machines of 1 to 8 cards, some with little room, in one or two regions. */
function drawCluster(seed: number, engine: EngineName): Drawn {
  const random = createRandom(seed);
  const heads = HEADS[random.int(HEADS.length)]!;
  const divisors = Array.from({ length: heads }, (_, at) => at + 1).filter(
    (each) => heads % each === 0,
  );
  const keyHeads = divisors[random.int(divisors.length)]!;
  const layers = 4 + random.int(6);
  const run = {
    count: layers,
    bytes: 4e9,
    expertBytes: 0,
    expertShare: 1,
    activeParameters: 2e9,
    attentionFlops: 4 * 128 * heads,
    kvBytesPerToken: 2 * 2 * 128 * keyHeads,
    stateBytes: 0,
    cacheHeads: keyHeads,
    productBits: 16 as const,
  };
  const model: Model = {
    name: "drawn",
    layers,
    layerBytes: run.bytes,
    activationBytes: 2 * 128 * heads,
    tokenBytes: 2,
    kvBytesPerToken: run.kvBytesPerToken,
    runs: [run],
    attentionHeads: heads,
    longestContext: 8192,
  };
  const kinds = ["L4", "A10G", "L40S", "A100-80GB"];
  const machines = Object.fromEntries(
    Array.from({ length: 2 + random.int(2) }, (_, at) => [
      `m${at}`,
      { gpu: kinds[random.int(kinds.length)]!, gpus: 1 + random.int(8), nic: "10 Gb/s" },
    ]),
  );
  const file = {
    format: "helix-place/cluster@1",
    name: "drawn",
    model: { config: "config.json" },
    workload: { promptTokens: 300, outputTokens: 100 },
    machines,
    nodes: Object.keys(machines).flatMap((machine) => [
      { id: machine, machine, count: 1 + random.int(2), region: `r${random.int(2)}` },
    ]),
    network: {
      withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" },
      acrossRegions: { bandwidth: "1 Gb/s", latency: "10 ms" },
    },
    coordinator: { region: "r0" },
  };
  const regions = [...new Set(file.nodes.map(({ region }) => region))];
  file.coordinator.region = regions[0]!;
  const cluster = resolveCluster("drawn", file, model, { name: engine, from: "asked for" });
  return { cluster, model, keyHeads };
}

/** What of the engine's table in docs/engines.md the plan breaks; nothing of it asks src/engines. */
function breaches(
  engine: EngineName,
  { model, keyHeads }: Drawn,
  whole: Cluster,
  file: PlacementFile,
) {
  const found: string[] = [];
  const cardsOf = new Map(
    whole.nodes.map(({ id, machine, part }) => [id, part?.count ?? whole.machines[machine]!.gpus]),
  );
  const held = new Map(file.nodes.map(({ id, layers }) => [id, layers]));
  const chains = !["helix", "petals", "parallax"].includes(engine);
  const seen = new Set<string>();
  for (const { stages } of file.pipelines) {
    const degrees = stages.map(({ node }) => cardsOf.get(node)!);
    if (["vllm", "sglang", "tensorrt-llm"].includes(engine) && new Set(degrees).size > 1)
      found.push(`degrees ${degrees.join(", ")} in one chain`);
    stages.forEach(({ node, layers }, at) => {
      const cards = degrees[at]!;
      if ((engine === "llama.cpp" || engine === "exo") && cards > 1)
        found.push(`${node}: ${cards}`);
      const divides = (count: number): boolean => count % cards === 0;
      if (engine !== "helix" && !divides(model.attentionHeads!)) found.push(`${node}: heads`);
      if (engine !== "helix" && !divides(keyHeads) && cards % keyHeads !== 0)
        found.push(`${node}: KV heads`);
      const own = held.get(node)!;
      if (engine !== "helix" && own![1] !== layers[1]) found.push(`${node}: left early`);
      if (!["helix", "petals"].includes(engine) && own![0] !== layers[0])
        found.push(`${node}: entered in the middle`);
      if (chains && seen.has(node)) found.push(`${node}: shared`);
      seen.add(node);
    });
  }
  return found;
}

/** The plan as its target runs it, or what the target refuses. */
function readBack(
  target: PlacementImport & ExportTargetName,
  cluster: Cluster,
  file: PlacementFile,
) {
  const ids = [COORDINATOR_ID, ...cluster.nodes.map(({ id }) => id)];
  const addresses = new Map(ids.map((id, at) => [id, { host: `10.0.0.${at}` }]));
  const outcome = exportPlacement(cluster, file, { target, addresses });
  if (outcome.kind === "refused") return outcome.refusals.map(({ reason }) => reason);
  const files = outcome.files
    .filter(({ path }) => (target === "exo" ? path.endsWith(".json") : !path.endsWith(".md")))
    .map(({ path, text }) => ({ name: path, text }));
  return importPlacement(target, files, cluster).placement;
}

/** More by hand: `ENGINE_RUNS=60 npx vitest run test/engines/planned-placements.test.ts`. */
const RUNS = Number(process.env["ENGINE_RUNS"] ?? 6);

test.each(ENGINE_NAMES)(
  "a plan for %s keeps to its table, and its export is the plan",
  async (engine) => {
    let planned = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async (seed) => {
        const drawn = drawCluster(seed, engine);
        const objective = served.has(engine) && seed % 4 === 0 ? "served" : "flow";
        const options = { iterationLimit: 1, threads: 0, objective } as const;
        const outcome = await plan(drawn.cluster, options, createInlinePorts());
        if (outcome.kind !== "planned") return;
        planned += 1;
        const { file } = outcome;
        const cluster = partedAs("plan", drawn.cluster, file);
        expect(file.engine).toBe(engine);
        expect(breaches(engine, drawn, cluster, file)).toEqual([]);
        const target = PINNED[engine];
        if (target === undefined) return;
        expect(EXPORT_TARGETS[target].engine).toBe(engine);
        const runs = file.nodes.map(({ layers, flow }) => (flow > 0 ? layers : null));
        expect(readBack(target, cluster, file)).toEqual(runs);
      }),
      { seed: 19, numRuns: RUNS },
    );
    expect(planned).toBeGreaterThan(RUNS / 2);
  },
  240_000,
);
