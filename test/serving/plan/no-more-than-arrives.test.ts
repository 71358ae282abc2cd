import { expect, test } from "vitest";
import { describePromise } from "../../../src/serving/plan/describe-promise.js";
import type { SimulationReport } from "../../../src/serving/simulate/simulate-placement.js";

const seconds = { mean: 0.1, p5: 0.1, p25: 0.1, p50: 0.1, p75: 0.1, p95: 0.1, p99: 0.1, max: 0.1 };
const reportOf = (decodeTokensPerSecond: number, promptTokensPerSecond: number) =>
  ({
    result: {
      decodeTokensPerSecond,
      promptTokensPerSecond,
      decodeConfidence: 20,
      timeToFirstToken: seconds,
      timePerOutputToken: seconds,
      meanInFlight: 10,
    },
  }) as unknown as SimulationReport;

test("a rate of arrivals promises no more than arrives, whatever a run that began with requests under way has made", () => {
  const served = (decode: number, prompt: number) =>
    describePromise(
      { tokensPerSecond: 1000, report: reportOf(decode, prompt) },
      { bound: 2000, share: 0.75 },
    );
  expect(served(840, 230)).toMatchObject({
    decodeTokensPerSecond: 750,
    promptTokensPerSecond: 230,
    at: { rate: 1000 },
  });
  expect(served(700, 260)).toMatchObject({
    decodeTokensPerSecond: 700,
    promptTokensPerSecond: 250,
  });
});
