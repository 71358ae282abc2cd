import { expect, it } from "vitest";
import { ENGINE_NAMES } from "../../src/core/engine-choice.js";
import { estimateNotes } from "../../src/core/estimate-notes.js";
import { loadCluster } from "../../src/formats/load-cluster.js";

const MEASURED = ["vllm", "sglang", "tensorrt-llm"];

function noteUnder(engine: string | undefined): string {
  const text = JSON.stringify({
    format: "helix-place/cluster@1",
    name: "x",
    model: "llama-3-8b",
    ...(engine === undefined ? {} : { engine }),
    machines: { m: { gpu: "L40S" } },
    nodes: [{ id: "a", machine: "m" }],
    network: { withinRegion: { bandwidth: "10 Gb/s" } },
  });
  return estimateNotes(loadCluster("x", text).cluster)[0]!.effect;
}

it("an estimate says whose overhead stands in for an engine that nobody measured", () => {
  expect(noteUnder(undefined)).not.toContain("stands in");
  for (const engine of ENGINE_NAMES) {
    const note = noteUnder(engine);
    if (MEASURED.includes(engine)) expect(note).not.toContain("stands in");
    else expect(note).toContain(`overhead of ${engine} not measured, vLLM's stands in`);
  }
});
