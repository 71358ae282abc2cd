import { expect, test } from "vitest";
import { describeRejected } from "../../src/report/simulation-summary.js";

const requests = {
  arrived: 20,
  finished: 16,
  rejected: 4,
  inFlight: 0,
  waiting: 0,
  preemptions: 0,
  refusals: 0,
};

test.each([
  ["own-slot", "longer than 776 tokens", "--max-sequences"],
  ["kv-cache", "which hold 776 tokens at most", "add memory"],
  ["prompt-slot", "longer than 776 tokens", "--engine vllm"],
] as const)(
  "requests rejected by the limit %s are told what it is, and what helps",
  (by, ...said) => {
    const [line] = describeRejected({ requests, promptLimit: { tokens: 776.5, by } });
    for (const words of said) expect(line).toContain(words);
  },
);

test("nothing is said where none is rejected", () => {
  expect(describeRejected({ requests: { ...requests, rejected: 0 } })).toEqual([]);
});
