import { describe, expect, it } from "vitest";
import { COORDINATOR_ID, type Cluster } from "../../../src/core/cluster.js";
import { exportPlacement } from "../../../src/exchange/export/export-placement.js";
import type { EngineName } from "../../../src/core/engine-choice.js";
import type { PlacementFile } from "../../../src/formats/placement-schema.js";
import { expectOf } from "../../../src/cli/export-expectations.js";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import { randomChains } from "./random-chains.js";
import { describe as placementOf, SHAPES } from "./shapes.js";

/** The sections of an INI as Helix's parser sees them. */
function readSections(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let current = new Map<string, string>();
  for (const line of text.split("\n")) {
    const header = /^\[(.*)\]$/.exec(line);
    if (header !== null) sections.set(header[1]!, (current = new Map()));
    const at = line.indexOf("=");
    if (header === null && at > 0) current.set(line.slice(0, at), line.slice(at + 1));
  }
  return sections;
}

/** Tokens/s that the links of a cluster INI carry, from and to as it names them. */
function readLinks(
  text: string,
  cluster: Cluster,
): readonly { readonly from: string; readonly to: string; readonly rate: number }[] {
  return [...readSections(text)].flatMap(([name, values]) => {
    if (!name.startsWith("link_")) return [];
    const [from, to] = [values.get("in")!, values.get("out")!];
    const { activationBytes, tokenBytes } = cluster.model;
    const bytes = from === "source" || to === "sink" ? tokenBytes : activationBytes;
    return [{ from, to, rate: (Number.parseFloat(values.get("bandwidth")!) * 1e6) / bytes }];
  });
}

function runtimeCluster(cluster: Cluster, file: PlacementFile): string {
  const addresses = new Map(
    [COORDINATOR_ID, ...cluster.nodes.map(({ id }) => id)].map((id) => [id, { host: "10.0.0.1" }]),
  );
  const outcome = exportPlacement(cluster, file, { target: "helix", addresses });
  if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.refusals));
  return outcome.files.find(({ path }) => path === "runtime_cluster.ini")!.text;
}

describe("what Helix's runtime can compute", () => {
  it("is the plan's flow alone: links let through what the plan sends, which fills every one of them", () => {
    const plans = [
      SHAPES["overlapping"]!,
      SHAPES["two-regions"]!,
      ...[1, 2, 3, 4, 5, 6].map((seed) => randomChains(seed)),
    ];
    for (const { cluster, file } of plans) {
      const links = readLinks(runtimeCluster(cluster, file), cluster);
      const sum = (of: (link: (typeof links)[number]) => boolean): number =>
        links.filter(of).reduce((total, { rate }) => total + rate, 0);
      // All that leaves the coordinator is the plan's throughput, so a flow of that value fills every way out;
      // what enters a node may leave it just so, so it fills every link behind it, and so on to the end.
      expect(sum(({ from }) => from === "source")).toBeCloseTo(file.throughput, 3);
      expect(sum(({ to }) => to === "sink")).toBeCloseTo(file.throughput, 3);
      const inner = new Set(links.flatMap(({ from, to }) => [from, to]));
      for (const node of inner) {
        if (node === "source" || node === "sink") continue;
        const arriving = sum(({ to }) => to === node);
        expect(sum(({ from }) => from === node)).toBeCloseTo(arriving, 3);
      }
    }
  });
});

describe("an export for another engine than the plan's", () => {
  const { cluster } = loadCluster(
    "c",
    JSON.stringify({
      format: "helix-place/cluster@1",
      name: "c",
      model: "llama-3-8b",
      machines: { m: { gpu: "RTX 3090" } },
      nodes: [{ id: "n", machine: "m", count: 2 }],
      network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
    }),
  );
  const placement = [
    [0, 16],
    [16, 32],
  ] as const;
  const file = placementOf(cluster, placement);

  // As if T(k) were given: nobody chose an engine.
  const { engine: _, ...unchosen } = cluster;
  const under = (name?: EngineName): Cluster =>
    name === undefined ? unchosen : { ...cluster, engine: { name, from: "asked for" } };
  const expected = (planned: EngineName | undefined, engine: EngineName) =>
    expectOf({ planned: under(planned), exported: under(engine), placement, file }, engine);

  it("says what that engine serves of it, and nothing where the engine is the plan's", () => {
    const [line] = expected("vllm", "llama.cpp");
    const [, vllm, llama] = /serves ([\d.]+) decode.*it serves ([\d.]+) /.exec(line!)!;
    // llama.cpp's stages do not overlap.
    expect(Number(llama)).toBeLessThan(Number(vllm));
    expect(Number(llama)).toBeGreaterThan(0);
    expect(expected("vllm", "vllm")).toEqual([]);
    expect(expected(undefined, "vllm")[0]).toMatch(/made for Helix.*by those of vLLM /);
  });

  it("says so where the same engine is told to batch otherwise", () => {
    const planned = under("vllm");
    const exported = { ...planned, engine: { ...planned.engine!, batchTokens: 256 } };
    const [line] = expectOf({ planned, exported, placement, file }, "vllm");
    expect(line).toContain("by those of vLLM (256 tokens a batch)");
  });

  it.each(["helix", "vllm"] as const)(
    "says why a plan for Helix serves next to nothing of long prompts (to %s)",
    (engine) => {
      const long = { promptTokens: 3000, outputTokens: 100 };
      const of = (name: EngineName): Cluster => ({
        ...under(name),
        workload: { ...cluster.workload, ...long, name: "custom" },
      });
      const handed = { planned: of("helix"), exported: of(engine), placement, file };
      const lines = expectOf(handed, engine).join("\n");
      expect(lines).toMatch(/requests are rejected.*longer than 2048 tokens/);
      if (engine === "vllm") expect(expected("helix", engine).join()).not.toContain("rejected");
    },
  );

  it("says so where it cannot be simulated", () => {
    const { cluster: bare, file: plan } = SHAPES["one-chain"]!;
    const held = plan.nodes.map(({ layers }) => layers);
    const exported: Cluster = { ...bare, engine: { name: "vllm", from: "asked for" } };
    const handed = { planned: bare, exported, placement: held, file: plan };
    expect(expectOf(handed, "vllm")[0]).toMatch(/was not simulated: found/);
  });
});
