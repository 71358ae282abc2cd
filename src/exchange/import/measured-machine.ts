import type { Problem } from "../../core/errors.js";
import type { Curve } from "../../core/capacity.js";
import { GIGA, TERA } from "../../core/units.js";
import { CLUSTER_FORMAT } from "../../formats/cluster-schema.js";
import type { ClusterFile, GpuEntry } from "../../formats/cluster-schema.js";
import { identifyGpu } from "./identify-gpu.js";
import type { ImportOutcome } from "./import-outcome.js";
import { modelEntry } from "./build-cluster-file.js";
import { asObject } from "./kubernetes-labels.js";

const REMEDY =
  "Give what the script of helix-place measure printed on standard output; results of a serving benchmark go to --vllm-bench.";
const MEBI_PER_BYTE = 2 ** -20;

/**
 * What the script of `helix-place measure` printed → a cluster file with one machine of measured curves.
 * A card that the catalogue does not have is described by what was measured: memory as reported,
 * bandwidth by a decode step of one sequence, speed by the largest prompt.
 */
export function readMeasured(json: unknown, name: string): ImportOutcome {
  const object = asObject(json) ?? {};
  const problems: Problem[] = [];
  const refuse = (path: string, found: unknown, expected: string): void => {
    problems.push({
      path,
      found: JSON.stringify(found) ?? "nothing",
      expected,
      remedy: REMEDY,
    });
  };
  if (object.format !== "helix-place/measured@1") {
    refuse("format", object.format, '"helix-place/measured@1"');
    return { kind: "problems", problems };
  }
  const prompt = readCurve(object.promptSeconds);
  const decode = readCurve(object.decodeSeconds);
  if (prompt === undefined)
    refuse("promptSeconds", object.promptSeconds, "points [tokens, seconds]");
  if (decode === undefined) {
    refuse("decodeSeconds", object.decodeSeconds, "points [sequences, seconds]");
  }
  const { model, card, memoryBytes, parameters, layerBytes } = object;
  if (typeof model !== "string") refuse("model", model, "the name of a model");
  if (typeof card !== "string") refuse("card", card, "the name of the card or processor");
  if (!isPositive(memoryBytes)) refuse("memoryBytes", memoryBytes, "bytes of memory");
  if (!isPositive(parameters)) refuse("parameters", parameters, "parameters of the layer");
  if (!isPositive(layerBytes)) refuse("layerBytes", layerBytes, "bytes of the layer");
  if (problems.length > 0) return { kind: "problems", problems };
  const memory = memoryBytes as number;
  const own: GpuEntry = {
    memory,
    bandwidth: (layerBytes as number) / decode![0]![1],
    tflops: (2 * (parameters as number) * prompt!.at(-1)![0]) / prompt!.at(-1)![1] / TERA,
    ...(object.device === "cpu" || object.device === "mps" ? { unifiedMemory: true } : {}),
  };
  const known = identifyGpu(card as string, memory * MEBI_PER_BYTE);
  const gpu = known.kind === "gpu" && known.own === undefined ? known.name : (card as string);
  const machine = gpu
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  const file: ClusterFile = {
    format: CLUSTER_FORMAT,
    name,
    model: modelEntry(model as string),
    workload: "azure-conversation",
    machines: {
      [machine]: {
        gpu,
        profile: { promptSeconds: asPoints(prompt!), decodeSeconds: asPoints(decode!) },
      },
    },
    ...(gpu === card ? { gpus: { [gpu]: own } } : {}),
    nodes: [{ id: machine, machine }],
    network: { withinRegion: { bandwidth: "10 Gb/s", latency: "1 ms" } },
  };
  const context = JSON.stringify(object.contextTokens);
  return {
    kind: "cluster",
    file,
    assumptions: [
      `curves: one layer in ${String(object.dtype)} with PyTorch ${String(object.torch)} on ${String(card)}, ${context} tokens in the cache; an engine's own kernels are usually faster`,
      `KV cache: from the memory of ${(memory / GIGA).toFixed(0)} GB`,
      "one node: add as many as there are",
      "network: 10 Gb/s and 1 ms (nothing was measured)",
      "workload: azure-conversation (763 prompt and 232 output tokens on average)",
    ],
  };
}

function readCurve(value: unknown): Curve | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const points = value.map((point: unknown) =>
    Array.isArray(point) && point.length === 2 && point.every(isPositive)
      ? ([point[0] as number, point[1] as number] as const)
      : undefined,
  );
  const read = points.flatMap((point) => (point === undefined ? [] : [point]));
  const ascending = read.every(([x], index) => index === 0 || x > read[index - 1]![0]);
  return read.length === points.length && ascending ? read : undefined;
}

function isPositive(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function asPoints(curve: Curve): [number, number][] {
  return curve.map(([x, y]) => [x, y]);
}
