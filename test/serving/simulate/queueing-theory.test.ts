import { describe, expect, test } from "vitest";
import { createRandom } from "../../../src/core/random.js";
import type { Arrival } from "../../../src/serving/simulate/traffic.js";
import { clusterOf, run, traceOf } from "./fixtures.js";

/** One server, one layer, one prompt at a time; a token takes 1 ms, nothing else takes time. */
const server = clusterOf({
  layers: 1,
  nodes: 1,
  promptSeconds: [
    [0, 0],
    [1000, 1],
  ],
  promptMaxRequests: 1,
  latencySeconds: 0,
  bandwidthBytesPerSecond: Infinity,
  activationBytes: 0,
});
const COUNT = 100_000;
const LOAD = 0.7;

function poisson(serviceTokens: (u: number) => number): Arrival[] {
  const random = createRandom(11);
  const perSecond = LOAD / 0.2; // mean service 200 tokens = 0.2 s
  let at = 0;
  return Array.from({ length: COUNT }, () => {
    at += -Math.log(1 - random.next()) / perSecond;
    return { atSeconds: at, promptTokens: serviceTokens(random.next()), outputTokens: 0 };
  });
}

/** Mean and half-width of its 99.9 % confidence interval, by batch means. */
function simulateQueue(arrivals: Arrival[]) {
  const result = run(server, [[0, 1]], { traffic: traceOf(arrivals), durationSeconds: Infinity });
  return { result, sojourn: result.timeToFirstToken.mean, service: mean(arrivals) };
}

function mean(arrivals: Arrival[]): number {
  return arrivals.reduce((sum, arrival) => sum + arrival.promptTokens, 0) / arrivals.length / 1000;
}

describe("a single server", () => {
  test("waits as M/M/1 says: ρ/(μ − λ)", () => {
    const { result, sojourn, service } = simulateQueue(
      poisson((u) => Math.max(1, Math.round(-200 * Math.log(1 - u)))),
    );
    const expected = 0.2 / (1 - LOAD);
    // Four standard errors: sqrt(2(1 + ρ)/((1 − ρ)² n)) = 1.9 % each (Asmussen, Queueing).
    expect(Math.abs(sojourn - expected) / expected).toBeLessThan(0.078);
    expect(service).toBeCloseTo(0.2, 2);
    expect(result.nodes[0]!.busy).toBeCloseTo(LOAD, 1);
  });

  test("waits half as long with constant service: M/D/1, ρ/(2μ(1 − ρ))", () => {
    const { result, sojourn } = simulateQueue(poisson(() => 200));
    const waiting = (LOAD * 0.2) / (2 * (1 - LOAD));
    expect(Math.abs(sojourn - 0.2 - waiting) / waiting).toBeLessThan(0.06);
    expect(result.nodes[0]!.meanWaitSeconds).toBeCloseTo(sojourn - 0.2, 6);
  });

  test("obeys Little's law: requests inside = rate × time inside", () => {
    const { result } = simulateQueue(
      poisson((u) => Math.max(1, Math.round(-200 * Math.log(1 - u)))),
    );
    const seconds = result.window.endSeconds - result.window.startSeconds;
    const inside = (result.requests.finished / seconds) * result.requestSeconds.mean;
    expect(result.requests.finished).toBe(COUNT);
    expect(Math.abs(result.meanInFlight - inside) / inside).toBeLessThan(1e-9);
  });
});
