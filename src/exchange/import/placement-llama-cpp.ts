import { InputError, type Problem } from "../../core/errors.js";
import { optionValue, readWords } from "./launch-words.js";
import type { ImportFile, PlacementEntry } from "./placement-entries.js";
import { placeLaunches, type Launch } from "./placement-partition.js";
import { listStageComments } from "./stage-comments.js";

/**
 * Layers per device under llama.cpp's `-ts`: shares are summed up and divided by their total in single
 * precision, and slot i of layers + 1 (the output is one more) goes to the first device whose sum is
 * above i / (layers + 1).
 */
function splitAsLlama(shares: readonly number[], layers: number): readonly number[] {
  const sums: number[] = [];
  let sum = 0;
  for (const share of shares) {
    sum = Math.fround(sum + Math.fround(share));
    sums.push(sum);
  }
  const borders = sums.map((value) => Math.fround(value / sum));
  const counts = shares.map(() => 0);
  for (let layer = 0; layer < layers; layer += 1) {
    const position = Math.fround(layer / (layers + 1));
    const device = borders.findIndex((border) => border > position);
    counts[device < 0 ? counts.length - 1 : device]! += 1;
  }
  return counts;
}

/**
 * llama.cpp servers: the shares of `-ts`, by device. Who is which device stands in the comments of exported
 * scripts; for others `nodes` names the nodes in the order of `--device` (without it: of `--rpc`, then
 * the server's own).
 * @throws InputError when shares, devices and layers do not fit.
 */
export function readLlamaCpp(
  files: readonly ImportFile[],
  layers: number,
  nodes: readonly string[],
): readonly PlacementEntry[] {
  const problems: Problem[] = [];
  const launches = files.flatMap(({ name: source, text }): readonly Launch[] => {
    const words = readWords(text);
    // Workers of an exported chain say nothing of layers.
    if (words.some((word) => /(^|\/)(ggml-)?rpc-server$|^\$server$/.test(word))) return [];
    const shares = optionValue(words, "-ts", "--tensor-split")?.split(/[,/]/).map(Number);
    const given = optionValue(words, "-ngl", "--gpu-layers", "--n-gpu-layers");
    const offloaded = given === undefined || /^(all|auto)$/.test(given) ? Infinity : Number(given);
    if (shares === undefined || !shares.every((share) => Number.isFinite(share) && share >= 0)) {
      const remedy = "Name the script that starts llama-server, with -ts.";
      problems.push({ path: source, found: "no shares", expected: "-ts a,b,c", remedy });
      return [];
    }
    if (!(offloaded > layers)) {
      const remedy =
        "A plan holds all layers on cards: raise -ngl, or correct the cluster's model.";
      const expected = `more than ${layers}, the output being one more`;
      problems.push({ path: source, found: `-ngl ${String(given)}`, expected, remedy });
      return [];
    }
    return [
      dropIdle({
        source,
        partition: splitAsLlama(shares, layers),
        stages: listStageComments(text),
      }),
    ];
  });
  if (problems.length > 0) throw new InputError("placement", problems);
  return placeLaunches(launches, layers, nodes);
}

/** Devices whose share is too small for a layer are no stages. */
function dropIdle(launch: Launch): Launch {
  const kept = launch.partition.flatMap((count, rank) => (count > 0 ? [rank] : []));
  if (kept.length === launch.partition.length) return launch;
  return {
    ...launch,
    partition: kept.map((rank) => launch.partition[rank]!),
    stages: launch.stages
      .filter(({ rank }) => kept.includes(rank))
      .map((stage) => ({ ...stage, rank: kept.indexOf(stage.rank), ranks: kept.length })),
  };
}
