import { expect, test } from "vitest";
import { checkPlacement } from "../../src/check/check-placement.js";
import { partedAs } from "../../src/formats/parted-as.js";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { buyCounts } from "../../src/market/buy-one-type.js";
import { buyMix } from "../../src/market/market.js";
import { planLonger } from "../../src/market/plan-longer.js";
import { plan } from "../../src/serving/plan/plan.js";
import { createInlinePorts } from "../support/inline-ports.js";
import { market, NOTHING } from "./two-boxes.js";

test("what is bought is planned in the time that is left: a poor plan does not stand", async () => {
  const ports = createInlinePorts();
  const planning = {
    iterationLimit: 1,
    gap: 1e-3,
    seed: 1,
    partialInference: false,
    solver: "highs",
    objective: "flow",
  } as const;
  const goal = { kind: "budget", dollarsPerHour: 2 } as const;
  const options = { goal, planning, threads: 0 };
  const cluster = resolveCluster("mix", buyMix(market, [2]));
  const known = { ...NOTHING, goal };
  const bought = await buyCounts(market, options, { counts: [2], seconds: 9, known }, ports);
  const idle = cluster.nodes.flatMap(({ part }, node) => (part!.host === 1 ? [node] : []));
  const poor = await plan(
    cluster,
    { ...planning, threads: 0, constraints: { pins: new Map(), drained: new Set(idle) } },
    ports,
  );
  if (poor.kind !== "planned" || bought.result === undefined) throw new Error(poor.kind);
  const result = { ...bought.result, throughput: poor.file.throughput };
  const purchase = { ...bought, result, placement: poor.file };
  expect(result.throughput).toBeLessThan(0.9 * bought.result.throughput);

  const soon = { ...options, deadline: ports.now() + 20 };
  const longer = await planLonger(market, soon, purchase, ports);
  expect(longer.result!.throughput).toBeGreaterThanOrEqual(0.999 * bought.result.throughput);
  expect(longer.placement!.throughput).toBe(longer.result!.throughput);
  expect(checkPlacement(partedAs("p.json", cluster, longer.placement!), longer.placement!)).toEqual(
    [],
  );
  // Without time, or counted in steps, all stays as it was.
  for (const deadline of [ports.now(), Infinity])
    expect(await planLonger(market, { ...options, deadline }, purchase, ports)).toBe(purchase);
});
