import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../support/run-cli.js";

const clusterOf = (layers: number): string =>
  JSON.stringify({
    format: "helix-place/cluster@1",
    name: `of ${layers}`,
    model: {
      name: `m${layers}`,
      layers,
      layerBytes: 1e9,
      activationBytes: 1e4,
      tokenBytes: 4,
      kvBytesPerToken: 1e3,
    },
    machines: { m: { profile: { tokensPerSecond: [100, 50, 30, 20] } } },
    nodes: [{ id: "n", machine: "m", count: 3 }],
    network: { withinRegion: { bandwidth: "10 Gb/s" } },
  });

test("a placement of another model is no start of a plan, and is named; a count too high has no other name as its remedy", async () => {
  const folder = await mkdtemp(join(tmpdir(), "start-"));
  try {
    const at = (name: string): string => join(folder, name);
    await writeFile(at("a.json"), clusterOf(4));
    await writeFile(at("b.json"), clusterOf(6));
    const brief = ["--iteration-limit", "1", "--threads", "0", "--quiet"];
    const planned = await runCli([at("a.json"), ...brief, "-o", at("a.plan.json")]);
    expect(planned.code, planned.err).toBe(0);
    const started = await runCli([at("b.json"), ...brief, "--warm-start", at("a.plan.json")]);
    expect(started.code).toBe(2);
    expect(started.err).toContain("model.layers");
    expect(started.err).toContain("the 4 layers of m4");
    const removed = await runCli(["what-if", at("a.json"), "--remove", "9xm", ...brief]);
    expect(removed.code).toBe(2);
    expect(removed.err).toContain("Change fewer");
    expect(removed.err).not.toContain("Did you mean");
  } finally {
    await rm(folder, { recursive: true });
  }
});
