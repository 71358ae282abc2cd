import { expect, test } from "vitest";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import { describeChains } from "../../../src/report/chains-explained.js";
import { createChainRuns } from "../../../src/serving/plan/chain-runs.js";
import { explainChains } from "../../../src/serving/plan/explain-chains.js";
import { problemFor } from "../../../src/serving/served/problem-for.js";

/** A chain of two with room for far more requests than vLLM takes with steps of so few tokens. */
const cluster = resolveCluster("cluster.json", {
  format: "helix-place/cluster@1",
  name: "few",
  model: "llama-3-8b",
  workload: { promptTokens: 70, outputTokens: 230 },
  engine: { name: "vllm", batchTokens: 128 },
  machines: { l4: { gpu: "L4" } },
  nodes: [{ id: "n", machine: "l4", count: 2 }],
  network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
});
const { layers } = cluster.model;

test("a chain that takes no more requests says so, not that its batches are unlike", () => {
  const runs = createChainRuns(problemFor(cluster, {}), {})!;
  const half = layers / 2;
  const kinds = runs(cluster, [
    [0, half],
    [half, layers],
  ])!;
  const [chain] = explainChains(cluster, kinds);
  expect(chain!.requests).toBeGreaterThan(0.95 * 128);
  expect(chain!.kvUse).toBeLessThan(0.9);
  expect(chain!.busy).toBeLessThan(0.95);
  expect(chain!.full).toBe("requests");
  const two = { ...chain!, alike: 2, decodeTokensPerSecond: 100, uncertainty: 1.5 };
  expect(describeChains([two])).toContain("serve 200.0 ± 3.0 decode tokens/s together");
  expect(chain!.uncertainty / chain!.decodeTokensPerSecond).toBeLessThan(0.05);
  expect(chain!.uncertainty).toBeGreaterThan(0);
  const text = describeChains([chain!]);
  expect(text).toContain("as many are under way as the engine takes");
  expect(text).not.toContain("unlike size");
});
