import { findNodeAtLocation, parseTree } from "jsonc-parser";
import type { Node as JsonNode } from "jsonc-parser";
import { parseJson } from "../../formats/parse-json.js";
import { identifyGpu } from "./identify-gpu.js";
import { createTextProblems, settle } from "./import-outcome.js";
import type { ImportedHost, ImportedHosts, Parsed, Place, TextProblems } from "./import-outcome.js";
import { findInstanceType } from "./instance-types.js";

/** Labels by vendor, the most telling first. */
const PRODUCT_LABELS = [
  "nvidia.com/gpu.product",
  "gpu.nvidia.com/class",
  "gpu.nvidia.com/model",
  "cloud.google.com/gke-accelerator",
  "karpenter.k8s.aws/instance-gpu-name",
  "amd.com/gpu.product-name",
  "beta.amd.com/gpu.product-name",
];
const COUNT_LABELS = [
  "nvidia.com/gpu.count",
  "gpu.nvidia.com/count",
  "karpenter.k8s.aws/instance-gpu-count",
  "cloud.google.com/gke-accelerator-count",
];
const MEMORY_LABELS = ["nvidia.com/gpu.memory", "karpenter.k8s.aws/instance-gpu-memory"];
const ZONE_LABELS = [
  "topology.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/region",
];
const INSTANCE_LABELS = ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"];
const GPU_RESOURCES = ["nvidia.com/gpu", "amd.com/gpu"];

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * `kubectl get nodes -o json` → hosts with GPUs and their zones. Nodes without GPUs, cordoned ones
 * and ones that are not ready are left out, and said so.
 * @throws InputError when the text is not JSON (with line and column).
 */
export function readKubernetesNodes(source: string, text: string): Parsed<ImportedHosts> {
  const json = parseJson(source, text);
  const problems = createTextProblems();
  const listed = asObject(json)?.kind !== "Node";
  const items = listed ? asObject(json)?.items : [json];
  if (!Array.isArray(items)) {
    problems.add(
      { line: 1, column: 1 },
      "no list of nodes",
      "items",
      "Run kubectl get nodes -o json.",
    );
    return settle(problems, { hosts: [], assumptions: [] });
  }
  let tree: JsonNode | undefined;
  const place = (index: number, ...path: readonly string[]): Place => {
    tree ??= parseTree(text);
    return placeOf(text, tree, listed ? ["items", index, ...path] : path);
  };
  const assumptions: string[] = [];
  const hosts: ImportedHost[] = [];
  let without = 0;
  items.forEach((item: unknown, index) => {
    const host = readNode(item, (...path) => place(index, ...path), problems, assumptions);
    if (host === "no-gpu") without++;
    else if (host !== undefined) hosts.push(host);
  });
  if (without > 0) assumptions.push(`${without} nodes without GPUs are left out`);
  return settle(problems, { hosts, assumptions: [...new Set(assumptions)] });
}

function readNode(
  item: unknown,
  place: (...path: readonly string[]) => Place,
  problems: TextProblems,
  assumptions: string[],
): ImportedHost | "no-gpu" | undefined {
  const metadata = asObject(asObject(item)?.metadata);
  const id = metadata?.name;
  if (typeof id !== "string" || id === "") {
    problems.add(
      place("metadata"),
      "a node without a name",
      "metadata.name",
      "Run kubectl get nodes -o json.",
    );
    return undefined;
  }
  const labels = asObject(metadata?.labels) ?? {};
  const capacity = asObject(asObject(asObject(item)?.status)?.capacity) ?? {};
  const instance = findInstanceType(firstText(labels, INSTANCE_LABELS) ?? "");
  const productLabel = PRODUCT_LABELS.find((label) => labels[label] !== undefined);
  const product = productLabel === undefined ? instance?.gpu : String(labels[productLabel]);
  const counted = firstText(labels, COUNT_LABELS) ?? firstText(capacity, GPU_RESOURCES);
  if (product === undefined && counted === undefined) return "no-gpu";
  if (counted === "0") return "no-gpu";
  const unavailable = whyUnavailable(asObject(item));
  if (unavailable !== undefined) {
    assumptions.push(`${id} is ${unavailable} and left out`);
    return undefined;
  }
  if (product === undefined) {
    const found = `${counted} GPUs of an unknown kind on ${id}`;
    problems.add(place("metadata", "labels"), found, PRODUCT_LABELS[0]!, "Label the node.");
    return undefined;
  }
  const labelPlace = (): Place =>
    productLabel === undefined ? place() : place("metadata", "labels", productLabel);
  if (/MIG-\d/i.test(product)) {
    problems.add(
      labelPlace(),
      JSON.stringify(product),
      "whole GPUs",
      "Give the cards under machines by hand.",
    );
    return undefined;
  }
  const memory = Number(firstText(labels, MEMORY_LABELS) ?? NaN);
  const gpu = identifyGpu(product, Number.isFinite(memory) ? memory : undefined);
  if (gpu.kind === "unknown") {
    problems.add(labelPlace(), JSON.stringify(product), "a GPU of the catalogue", gpu.remedy);
    return undefined;
  }
  const gpus = counted === undefined ? (instance?.gpus ?? 1) : Number(counted);
  if (!Number.isSafeInteger(gpus) || gpus < 1) {
    problems.add(
      place("metadata", "labels"),
      JSON.stringify(counted),
      "a number of GPUs",
      "Correct the label.",
    );
    return undefined;
  }
  if (gpu.assumption !== undefined) assumptions.push(gpu.assumption);
  if (counted === undefined)
    assumptions.push(`${id} has ${gpus} × ${gpu.name} (its instance type)`);
  const region = firstText(labels, ZONE_LABELS);
  return { id, gpu: gpu.name, gpus, ...(region === undefined ? {} : { region }) };
}

function whyUnavailable(node: JsonObject | undefined): string | undefined {
  if (asObject(node?.spec)?.unschedulable === true) return "cordoned";
  const conditions = asObject(node?.status)?.conditions;
  const ready = Array.isArray(conditions)
    ? conditions.map(asObject).find((condition) => condition?.type === "Ready")
    : undefined;
  return ready !== undefined && ready.status !== "True" ? "not ready" : undefined;
}

function firstText(object: JsonObject, keys: readonly string[]): string | undefined {
  const value = keys.map((key) => object[key]).find((found) => found !== undefined);
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function asObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** Line and column of the deepest part of a path that the text has. */
function placeOf(
  text: string,
  tree: JsonNode | undefined,
  path: readonly (string | number)[],
): Place {
  const nodes = path.map((_, index) =>
    tree === undefined ? undefined : findNodeAtLocation(tree, path.slice(0, path.length - index)),
  );
  const found = nodes.find((node) => node !== undefined);
  const before = text.slice(0, found?.offset ?? 0).split("\n");
  return { line: before.length, column: before[before.length - 1]!.length + 1 };
}
