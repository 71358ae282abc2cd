import { expect, test } from "vitest";
import { describeLengths } from "../../src/report/simulation-summary.js";

const cluster = { workload: { name: "azure-conversation", promptTokens: 700, outputTokens: 200 } };

test("a flow for requests of other lengths than the plan's is said to be one", () => {
  const own = { traffic: "online", workload: "azure-conversation" } as const;
  expect(describeLengths(cluster, own)).toEqual([]);
  const [trace] = describeLengths(cluster, { traffic: "trace", workload: "trace" });
  expect(trace).toContain("requests as long as those of the trace");
  expect(trace).toContain("the cluster's workload, azure-conversation");
  const [other] = describeLengths(cluster, { ...own, workload: "sharegpt" });
  expect(other).toContain("those of sharegpt");
});
