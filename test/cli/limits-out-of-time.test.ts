import { expect, test } from "vitest";
import { runCli } from "../support/run-cli.js";

const CLUSTER = JSON.stringify({
  format: "helix-place/cluster@1",
  name: "own",
  engine: "vllm",
  model: "llama-3-8b",
  machines: { m: { gpu: "L4" } },
  nodes: [{ id: "n", machine: "m", count: 2 }],
  network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
});

test("out of time before anything kept the limits, it is the limits that are named", async () => {
  const options = ["--objective", "goodput", "--max-tpot", "0.00001", "--threads", "0"];
  const argv = ["plan", "-", ...options, "--time-limit", "0.001"];
  const { code, out, err } = await runCli(argv, { input: CLUSTER });
  expect(code).toBe(1);
  expect(out).toBe("");
  expect(err).toContain("No placement was found that keeps these limits (time-limit)");
});
