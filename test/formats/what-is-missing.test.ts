import { expect, test } from "vitest";
import { InputError, type Problem } from "../../src/core/errors.js";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { readPriceList } from "../../src/formats/price-list-schema.js";

function problemsOf(read: () => unknown): readonly Problem[] {
  try {
    read();
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  return [];
}

const clusterOf = (model: unknown): unknown => ({
  format: "helix-place/cluster@1",
  name: "c",
  model,
  machines: { m: { gpu: "L4" } },
  nodes: [{ id: "n", machine: "m" }],
  network: {},
});
const ofModel = (model: unknown): readonly Problem[] =>
  problemsOf(() => resolveCluster("c.json", clusterOf(model)));

test("a preset under another key is told the one it stands under, and no key is proposed for itself", () => {
  const [missing, unknown] = ofModel({ name: "llama-3-70b", dtype: "int4" });
  expect(missing).toMatchObject({
    path: "model.preset",
    remedy: expect.stringContaining("models"),
  });
  expect(unknown).toMatchObject({ path: "model.name", remedy: "Remove it." });
  expect(unknown!.expected).toBe("one of preset, dtype, kvDtype, config");
});

test("of alternatives alike the one is taken whose key is nearly what stands there", () => {
  const problems = ofModel({ confg: "config.json" });
  expect(problems.map(({ path }) => path)).toEqual(["model.config", "model.confg"]);
  expect(problems[1]!.remedy).toBe('Did you mean "config"?');
});

test("what is missing is said with what it is", () => {
  const list = {
    format: "helix-place/prices@1",
    name: "p",
    date: "2026-11-30",
    machines: { l4: { gpu: "L4", pricePerHour: 1 } },
  };
  const [problem] = problemsOf(() => readPriceList("prices.json", list));
  expect(problem).toMatchObject({
    path: "machines.l4.availability",
    remedy: expect.stringContaining('[{"region", "count"}]'),
  });
});
