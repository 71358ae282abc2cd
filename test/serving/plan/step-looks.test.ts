import { expect, test } from "vitest";
import { resolveCluster } from "../../../src/formats/resolve-cluster.js";
import type { Finalist } from "../../../src/serving/plan/finalists.js";
import { createStepLooks } from "../../../src/serving/plan/step-looks.js";
import { createInlinePorts } from "../../support/inline-ports.js";

/** Four cards, to be shared out: other groups of them serve most with small steps than with large ones. */
const cluster = resolveCluster("box", {
  format: "helix-place/cluster@1",
  name: "box",
  model: "llama-2-13b",
  engine: "vllm",
  workload: { promptTokens: 800, outputTokens: 100 },
  machines: { box: { gpu: "A10G", gpus: 4 } },
  nodes: [{ id: "box", machine: "box" }],
  network: { withinRegion: { bandwidth: "25 Gb/s" } },
});
const OWN = 2048;
const SMALL = 256;

function looksWith(finalists: readonly Finalist[]) {
  return createStepLooks(cluster, {}, finalists, {
    ports: createInlinePorts(),
    shouldStop: () => false,
    secondsLeft: () => Infinity,
    most: 0,
  });
}

test("a size shows what anybody would make by hand with it, also where what stood on trial with the engine's own serves more with it than before", async () => {
  const { top: own } = await looksWith([]).look(OWN);
  const chains = own!.starts[0]!;
  const known = looksWith([{ cluster: own!.cluster, chains, worth: own!.worth }]);
  await known.listOpen([SMALL]);
  const { top } = await known.look(SMALL);
  const { top: made } = await looksWith([]).look(SMALL);
  expect(top!.worth).toBeGreaterThanOrEqual(made!.worth);
});

test("a size of which nothing was seen in its share of the time is one that was not looked at", async () => {
  let now = 0;
  const finalists = [{ cluster, chains: [], worth: 1 }] as unknown as readonly Finalist[];
  const looks = createStepLooks(cluster, {}, finalists, {
    ports: { ...createInlinePorts(), now: () => (now += 1) },
    shouldStop: () => false,
    secondsLeft: () => 0,
    most: 0,
  });
  expect(await looks.listOpen([OWN / 2, OWN / 4, OWN / 8])).toEqual({
    near: [],
    after: [],
    cut: true,
  });
});
