import { expect, test } from "vitest";
import { describeExplanation } from "../../src/report/explanation.js";

const link = (to: string, marginal: number) => ({
  kind: "link",
  from: "coordinator",
  to,
  capacity: 10,
  marginal,
});

test("what is worth raising alone is named among all that is full at once", () => {
  const explained = { throughput: 20, bottleneck: [], raised: 40, nodes: [], advice: [] };
  const said = (...marginals: readonly number[]): string =>
    describeExplanation({ ...explained, binding: marginals.map((m, at) => link(`n-${at}`, m)) });
  expect(said(0, 0)).toContain(
    "2 capacities are full at once, so raising one of them alone gives nothing: the link",
  );
  expect(said(0, 1, 0)).toMatch(
    /^3 capacities are full at once: .*\. Raising one of them alone gives something only with the link coordinator → n-1 \(10\.0 tokens\/s\)\.$/m,
  );
});
