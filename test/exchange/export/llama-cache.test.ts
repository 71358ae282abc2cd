import { expect, test } from "vitest";
import { exportPlacement } from "../../../src/exchange/export/export-placement.js";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import { describe as placementOf } from "./shapes.js";

test("llama.cpp: the README shows the cache that -c gives, and why it is less than there is room for", () => {
  const { cluster } = loadCluster(
    "c",
    JSON.stringify({
      format: "helix-place/cluster@1",
      name: "c",
      model: "llama-3-8b",
      engine: "llama.cpp",
      machines: { large: { gpu: "H100-80GB" }, small: { gpu: "L4" } },
      nodes: [
        { id: "large", machine: "large" },
        { id: "small", machine: "small" },
      ],
      network: { withinRegion: { bandwidth: "10 Gb/s", latency: "0.2 ms" } },
    }),
  );
  const file = placementOf(cluster, [
    [0, 32],
    [0, 32],
  ]);
  const outcome = exportPlacement(cluster, file, { target: "llama.cpp" });
  if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.refusals));
  const text = (path: string): string => outcome.files.find((one) => one.path === path)!.text;
  const readme = text("README.md");
  for (const name of ["large", "small"]) {
    const { path } = outcome.files.find((one) => one.path.endsWith(`server-${name}.sh`))!;
    const [, context] = /-c (\d+)/.exec(text(path))!;
    const row = readme.split("\n").find((line) => line.includes(`\`${name}\` [0, 32)`))!;
    const shown = row.split(" | ")[3]!;
    expect(shown.split(" of ")[0]).toBe(context);
    // Slots of the model's longest request; only on the large card do these leave room.
    expect(shown.includes(" of ")).toBe(name === "large");
    const why = `\`-c\` takes ${context} of them`;
    expect(readme.includes(why)).toBe(name === "large");
  }
});
