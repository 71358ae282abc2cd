import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MarginalValue } from "../../src/market/marginal-value.js";
import { runBuilt } from "../support/built-cli.js";
import { runCli } from "../support/run-cli.js";

/** Two machines that serve the model together: one alone has no room for it. */
const CLUSTER = {
  format: "helix-place/cluster@1",
  name: "few",
  model: "llama-3-8b",
  workload: { promptTokens: 2000, outputTokens: 200 },
  machines: { l4: { gpu: "L4", pricePerHour: 0.7 } },
  nodes: [{ id: "l4", machine: "l4", count: 2 }],
  network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.5 ms" } },
};
const QUICK = ["--iteration-limit", "1", "--threads", "0", "--quiet"];

let folder = "";
let cluster = "";
let values: readonly MarginalValue[] = [];
let today = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "marginal-"));
  cluster = join(folder, "few.json");
  writeFileSync(cluster, JSON.stringify(CLUSTER));
  const asked = ["--marginal", "--json", "-o", join(folder, "today.json")];
  const { code, out, err } = await runCli(["what-if", cluster, ...asked, ...QUICK]);
  expect(code, err).toBe(0);
  const { scenarios, marginal } = JSON.parse(out);
  today = scenarios[0].served.decodeTokensPerSecond;
  values = marginal;
});
afterAll(() => rmSync(folder, { recursive: true }));

const of = (kind: string, change: string): readonly MarginalValue[] =>
  values.filter((value) => value.kind === kind && value.change === change);

describe("marginal values where plans are made for what is served", () => {
  test("today is what plan says, and what simulate says of the placement written", async () => {
    const planned = JSON.parse((await runCli(["plan", cluster, ...QUICK])).out);
    const written = JSON.parse(readFileSync(join(folder, "today.json"), "utf8"));
    expect(today).toBe(planned.served.decodeTokensPerSecond);
    expect(written.served).toEqual(planned.served);
    expect(written.cluster.sha256).toBe(planned.cluster.sha256);
    const load = ["--json", "--quiet", "--threads", "0", "--seed", "56"];
    const run = await runCli(["simulate", cluster, join(folder, "today.json"), ...load]);
    expect(run.err).not.toContain("another version");
    const { decodeTokensPerSecond: simulated } = JSON.parse(run.out).result;
    expect(Math.abs(simulated - today)).toBeLessThan(0.05 * today);
  });

  test("one more of anything serves no less, one machine less no more", () => {
    expect(of("machine", "more")).toHaveLength(1);
    expect(of("bandwidth", "more")).toHaveLength(1);
    expect(of("memory", "more")).toHaveLength(1);
    expect(of("machine", "less")).toHaveLength(1);
    for (const { what, change, gain, noise, served, boundGain, asToday } of values) {
      expect(gain, what).toBeCloseTo((served?.decodeTokensPerSecond ?? 0) - today, 9);
      if (change === "more") expect(gain, what).toBeGreaterThanOrEqual(0);
      else expect(gain, what).toBeLessThanOrEqual(noise);
      expect(change === "more" ? boundGain! : -boundGain!, what).toBeGreaterThanOrEqual(0);
      if (asToday === true) expect([gain, noise]).toEqual([0, 0]);
    }
    const [l4] = of("machine", "less");
    expect(l4!.gain).toBe(-today);
    expect(l4!.reason).toMatch(/./);
    expect(l4!.costPerHour).toBeCloseTo(0.7, 9);
  });

  test("asked for flow, gains are those of flow", async () => {
    const asked = ["--marginal", "--objective", "flow", "--json"];
    const { out } = await runCli(["what-if", cluster, ...asked, ...QUICK]);
    const { scenarios, marginal } = JSON.parse(out);
    expect(scenarios[0].served).toBeUndefined();
    for (const { gain, throughput, kind } of marginal) {
      expect(gain).toBeCloseTo(throughput - scenarios[0].throughput, 6);
      expect(kind).not.toBe("memory");
    }
  });
});

test("an interrupt keeps the rows that are done", async () => {
  const { code, out, err } = await runBuilt(
    ["what-if", cluster, "--marginal", "--threads", "1", "--iteration-limit", "1", "--json"],
    { interruptWhen: (text) => text.includes("one more:") },
  );
  expect(code).toBe(130);
  const { scenarios, marginal, missing } = JSON.parse(out);
  expect(scenarios).toHaveLength(1);
  expect(marginal.length).toBeGreaterThan(0);
  expect(marginal.length + missing).toBe(4);
  expect(err).toContain(`Interrupted: ${missing} not planned`);
});
