import { describe, expect, it } from "vitest";
import { exportPlacement } from "../../../src/exchange/export/export-placement.js";
import { checkPlacement } from "../../../src/check/check-placement.js";
import type { ExportOutcome } from "../../../src/exchange/export/outcome.js";
import { EXPORT_TARGETS, type ExportTargetName } from "../../../src/exchange/export/targets.js";
import { SHAPES } from "./shapes.js";

const targets = Object.keys(EXPORT_TARGETS) as ExportTargetName[];

/** Targets that must refuse a shape; every other one must export it. */
const REFUSED: Readonly<Record<string, readonly ExportTargetName[]>> = {
  "one-chain": ["ray", "lws", "dynamo", "gpustack"],
  "replicated-stages": [],
  "two-regions": ["ray", "dynamo", "gpustack"],
  "tensor-parallel": ["llama.cpp", "exo", "helix"],
  overlapping: targets.filter((target) => target !== "helix" && target !== "petals"),
};

describe.each(Object.keys(SHAPES))("%s", (name) => {
  const { cluster, file, addresses } = SHAPES[name]!;

  it("is a placement that holds", () => {
    expect(checkPlacement(cluster, file)).toEqual([]);
  });

  it.each(targets)("for %s", async (target) => {
    const outcome = exportPlacement(cluster, file, { target, addresses });
    expect(outcome.kind).toBe(REFUSED[name]!.includes(target) ? "refused" : "exported");
    await expect(print(outcome)).toMatchFileSnapshot(`golden/${name}/${target}.txt`);
  });
});

function print(outcome: ExportOutcome): string {
  if (outcome.kind === "refused") return `${JSON.stringify(outcome.refusals, null, 2)}\n`;
  return outcome.files.map(({ path, text }) => `==> ${path} <==\n${text}`).join("\n");
}
