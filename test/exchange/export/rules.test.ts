import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exportPlacement } from "../../../src/exchange/export/export-placement.js";
import { apportion } from "../../../src/exchange/export/apportion.js";
import { extractChains } from "../../../src/exchange/export/chains.js";
import { nameFiles } from "../../../src/exchange/export/file-names.js";
import { splitShares } from "../../../src/exchange/export/target-llama-cpp.js";
import { createRandom } from "../../../src/core/random.js";
import { parseCsv, toCsvCell } from "../../../src/formats/parse-csv.js";
import { randomChains } from "./random-chains.js";

/**
 * llama.cpp's layer split, from its description: shares are summed up and divided by their total in
 * single precision; slot i of layers + 1 goes to the first device whose sum exceeds i / (layers + 1).
 */
function splitAsLlamaCpp(shares: readonly number[], layers: number): readonly number[] {
  const sums: number[] = [];
  let sum = 0;
  for (const share of shares) {
    sum = Math.fround(sum + Math.fround(share));
    sums.push(sum);
  }
  const borders = sums.map((value) => Math.fround(value / sum));
  const slots = layers + 1;
  const counts = shares.map(() => 0);
  for (let layer = 0; layer < layers; layer++) {
    const position = Math.fround(layer / slots);
    counts[borders.findIndex((border) => border > position)]! += 1;
  }
  return counts;
}

/** vLLM's and SGLang's rule: as many entries as stages, which sum to the layers. */
function partitionsOf(partition: string, stages: number, layers: number): readonly number[] {
  const sizes = partition.split(",").map((text) => Number.parseInt(text, 10));
  if (sizes.length !== stages) throw new Error(`${sizes.length} entries for ${stages} stages`);
  if (sizes.reduce((sum, size) => sum + size, 0) !== layers) throw new Error("wrong sum");
  return sizes;
}

describe("llama.cpp", () => {
  it("splits 20,000 random plans exactly, and not without the slot of the output", () => {
    const random = createRandom(7);
    let spoiled = 0;
    const wrong: (readonly number[])[] = [];
    const differ = (a: readonly number[], b: readonly number[]): boolean =>
      a.some((size, index) => size !== b[index]);
    for (let trial = 0; trial < 20_000; trial++) {
      const sizes = Array.from({ length: 1 + random.int(12) }, () => 1 + random.int(40));
      const layers = sizes.reduce((sum, size) => sum + size, 0);
      if (differ(splitAsLlamaCpp(splitShares(sizes), layers), sizes)) wrong.push(sizes);
      if (differ(splitAsLlamaCpp(sizes, layers), sizes)) spoiled++;
    }
    expect(wrong).toEqual([]);
    expect(spoiled).toBeGreaterThan(10_000);
  });
});

describe("vLLM and SGLang", () => {
  it.each([
    ["vllm", "VLLM"],
    ["sglang", "SGLANG"],
  ] as const)("%s: length, sum and ranks hold for random chains", (target, variable) => {
    for (let seed = 1; seed <= 100; seed++) {
      const { cluster, file } = randomChains(seed);
      const outcome = exportPlacement(cluster, file, { target });
      if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.refusals));
      const scripts = outcome.files.filter(({ path }) => path.endsWith(".sh"));
      const engines = new Map<string, string[]>();
      for (const { path, text } of scripts) {
        const engine = path.split("/")[0]!;
        engines.set(engine, [...(engines.get(engine) ?? []), text]);
      }
      expect(engines.size).toBe(file.pipelines.length);
      for (const texts of engines.values()) {
        texts.forEach((text, rank) => {
          const partition = new RegExp(`^export ${variable}_PP_LAYER_PARTITION=(.*)$`, "m");
          const stages = Number(/--(?:pipeline-parallel|pp)-size (\d+)/.exec(text)?.[1]);
          expect(stages).toBe(texts.length);
          partitionsOf(partition.exec(text)![1]!, stages, cluster.model.layers);
          if (stages > 1) expect(text).toContain(`--node-rank ${rank} `);
        });
        expect(new Set(texts.map((text) => /PARTITION=(.*)/.exec(text)?.[1])).size).toBe(1);
      }
    }
  });
});

describe("weights", () => {
  it("sum up, are at least 1, and are off by less than 1 where no share is tiny", () => {
    const shares = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(shares, fc.integer({ min: 40, max: 100_000 }), (flows, total) => {
        const weights = apportion(flows, total);
        const sum = flows.reduce((whole, flow) => whole + flow, 0);
        expect(weights.reduce((whole, weight) => whole + weight, 0)).toBe(total);
        expect(Math.min(...weights)).toBeGreaterThanOrEqual(1);
        expect(weights.every((weight) => Number.isInteger(weight))).toBe(true);
        const exact = flows.map((flow) => (flow / sum) * total);
        if (exact.every((quota) => quota >= 1)) {
          exact.forEach((quota, index) =>
            expect(Math.abs(weights[index]! - quota)).toBeLessThan(1 + 1e-6),
          );
        }
      }),
      { seed: 11, numRuns: 500 },
    );
  });

  it("follow the flow of the chains", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const { cluster, file } = randomChains(seed);
      const extracted = extractChains(cluster, file);
      if (extracted.kind === "refused") throw new Error("refused");
      const total = extracted.chains.reduce((sum, { weight }) => sum + weight, 0);
      for (const { weight, flow } of extracted.chains) {
        expect(Math.abs(weight / total - flow / file.throughput)).toBeLessThan(2 / total);
      }
    }
  });
});

describe("names and tables", () => {
  it("names files apart, safely", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }), { maxLength: 6 }), (ids) => {
        const names = nameFiles(ids);
        expect(new Set(names).size).toBe(ids.length);
        const safe = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
        expect(names.filter((name) => !safe.test(name))).toEqual([]);
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  it("reads the CSV cells it writes", () => {
    const cell = fc.string({
      unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", ";", "\t", "#", "é"),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        const text = rows.map((row) => `x,${row.map(toCsvCell).join(",")}\n`).join("");
        expect(parseCsv(text).map((cells) => cells.slice(1).map((cell) => cell.text))).toEqual(
          rows,
        );
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});
