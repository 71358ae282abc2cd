import type { Problem } from "../core/errors.js";
import { findGpu } from "../hardware/find-gpu.js";
import type { TrainingCluster, TrainingMachine } from "../training/training-cluster.js";
import { parseQuantity, quantityExamples, type Quantity } from "../core/units.js";
import { formatPath } from "./describe-issues.js";
import type { TrainingClusterFile } from "./training-job-schema.js";

/** What a job's machine can name in place of figures. */
export const KNOWN_GPU = 'the whole name of a "gpu" that helix-place gpus lists';

/**
 * The training view of a cluster from its file form: quantities in SI units, nodes counted out,
 * memory from the GPU where the file gives none. Adds to `problems` what does not make sense.
 */
export function resolveTrainingCluster(
  file: TrainingClusterFile,
  problems: Problem[],
): TrainingCluster {
  const names = Object.keys(file.machines);
  const machines = names.map((name): TrainingMachine => {
    const given = file.machines[name]!;
    const path = ["cluster", "machines", name];
    const known = given.gpu === undefined ? undefined : findGpu(given.gpu);
    const memory = readPositive("bytes", given.memory, [...path, "memory"], problems);
    if (given.memory === undefined && known === undefined) {
      problems.push({
        path: formatPath([...path, "memory"]),
        found: given.gpu === undefined ? "nothing" : `no figures for the GPU "${given.gpu}"`,
        expected: "the memory of one GPU",
        remedy: `Add "memory", or ${KNOWN_GPU}.`,
      });
    }
    return {
      name,
      ...(given.gpu === undefined ? {} : { gpu: given.gpu }),
      gpus: given.gpus ?? 1,
      memoryBytes: memory ?? known?.memoryBytes ?? 0,
      nicBytesPerSecond: readPositive("bytesPerSecond", given.nic, [...path, "nic"], problems) ?? 0,
      intraBytesPerSecond:
        readPositive(
          "bytesPerSecond",
          given.intraBandwidth,
          [...path, "intraBandwidth"],
          problems,
        ) ?? 0,
    };
  });
  return { machines, nodes: countOut(file, names, problems) };
}

function countOut(
  file: TrainingClusterFile,
  names: readonly string[],
  problems: Problem[],
): TrainingCluster["nodes"] {
  const seen = new Set<string>();
  return file.nodes.flatMap((node, index) => {
    const machine = names.indexOf(node.machine);
    if (machine < 0) {
      problems.push({
        path: formatPath(["cluster", "nodes", index, "machine"]),
        found: JSON.stringify(node.machine),
        expected: `one of ${names.join(", ")}`,
        remedy: "Name a machine type of this cluster.",
      });
    }
    const ids =
      node.count === undefined
        ? [node.id]
        : Array.from({ length: node.count }, (_, each) => `${node.id}-${each}`);
    for (const id of ids) {
      if (seen.has(id)) {
        problems.push({
          path: formatPath(["cluster", "nodes", index, "id"]),
          found: `${JSON.stringify(id)} a second time`,
          expected: "ids that occur once",
          remedy: "Rename one of the two.",
        });
      }
      seen.add(id);
    }
    return ids.map((id) => ({ id, machine }));
  });
}

/** A positive, finite quantity in SI units; undefined where absent or wrong (the problem is noted). */
export function readPositive(
  kind: Quantity,
  value: number | string | undefined,
  path: readonly PropertyKey[],
  problems: Problem[],
): number | undefined {
  if (value === undefined) return undefined;
  const parsed = parseQuantity(kind, value);
  if (parsed !== undefined && parsed > 0 && Number.isFinite(parsed)) return parsed;
  problems.push({
    path: formatPath(path),
    found: JSON.stringify(value),
    expected: `a positive quantity such as ${quantityExamples(kind)}`,
    remedy: "Correct the value.",
  });
  return undefined;
}
