import { GIBI, GIGA, MEBI } from "../../core/units.js";
import { findGpu } from "../../hardware/find-gpu.js";
import { identifyGpu } from "./identify-gpu.js";
import type { FoundGpu, IdentifiedGpu } from "./identify-gpu.js";
import { createTextProblems, settleHosts } from "./import-outcome.js";
import type { ImportedHost, ImportedHosts, Parsed, Place, TextProblems } from "./import-outcome.js";
import { findInstanceType } from "./instance-types.js";
import type { InstanceGpus } from "./instance-types.js";
import { countWholeCards, partitionsPerCard } from "./kubernetes-cards.js";
import { asObject, PRODUCT_LABELS, readNodeFacts, textOf } from "./kubernetes-labels.js";
import type { JsonObject, NodeFacts } from "./kubernetes-labels.js";
import { readManifest } from "./manifest-tree.js";

const COMMAND = "Run kubectl get nodes -o json.";
const TWICE = "The first one counts. Of several Kubernetes clusters make a cluster file each.";
const NO_CARD = "has no card of its own to plan with";

/** Where the findings of one listing go. */
interface Reading {
  readonly problems: TextProblems;
  readonly assumptions: string[];
  /** Place of a part of the node in hand. */
  place(...path: readonly string[]): Place;
}

/**
 * `kubectl get nodes -o json` or `-o yaml` → hosts with GPUs and their zones. Nodes without GPUs,
 * cordoned ones and ones that are not ready are left out, and said so; so are nodes that cannot be
 * understood, each with its problem. The problems alone where no node can.
 * @throws InputError when the text is neither JSON nor YAML (with line and column).
 */
export function readKubernetesNodes(source: string, text: string): Parsed<ImportedHosts> {
  const tree = readManifest(source, text);
  const problems = createTextProblems();
  const listed = asObject(tree.value)?.kind !== "Node";
  const items = listed ? asObject(tree.value)?.items : [tree.value];
  const assumptions: string[] = [];
  if (!Array.isArray(items)) {
    problems.add({ line: 1, column: 1 }, "no list of nodes", "items", COMMAND);
    return settleHosts(problems, [], assumptions);
  }
  const hosts: ImportedHost[] = [];
  const known = new Set<string>();
  let without = 0;
  items.forEach((item: unknown, index) => {
    const reading: Reading = {
      problems,
      assumptions,
      place: (...path) => tree.place(listed ? ["items", index, ...path] : path),
    };
    const host = readNode(item, reading);
    if (host === "no-gpu") without++;
    else if (host !== undefined && known.has(host.id))
      problems.add(reading.place("metadata"), `the node ${host.id} again`, "each node once", TWICE);
    else if (host !== undefined) {
      known.add(host.id);
      hosts.push(host);
    }
  });
  if (without > 0)
    assumptions.push(
      `${without === 1 ? "a node without GPUs is" : `${without} nodes without GPUs are`} left out`,
    );
  return settleHosts(problems, hosts, assumptions);
}

function readNode(item: unknown, reading: Reading): ImportedHost | "no-gpu" | undefined {
  const { problems, assumptions, place } = reading;
  const node = asObject(item) ?? {};
  const id = asObject(node.metadata)?.name;
  if (typeof id !== "string" || id === "") {
    problems.add(place("metadata"), "a node without a name", "metadata.name", COMMAND);
    return undefined;
  }
  const facts = readNodeFacts(id, node);
  const instance = findInstanceType(facts.instanceType ?? "");
  if (!hasGpus(facts, instance)) return "no-gpu";
  const unavailable = whyUnavailable(node);
  if (unavailable !== undefined) {
    assumptions.push(`${id} is ${unavailable} and left out`);
    return undefined;
  }
  if (facts.miscounted !== undefined) {
    const found = `${JSON.stringify(facts.miscounted)} GPUs on ${id}`;
    problems.add(place("metadata", "labels"), found, "a number of GPUs", "Correct the label.");
    return undefined;
  }
  const found = identify(facts, instance, reading);
  if (found === undefined) return undefined;
  const parts = partitionsPerCard(facts, mebibytesOf(found.gpu.name));
  const { cards, assumptions: said } = countWholeCards(facts, instance, parts);
  assumptions.push(...said);
  if (found.gpu.assumption !== undefined) assumptions.push(found.gpu.assumption);
  if (facts.slices > 0) assumptions.push(`${id}: ${facts.slices} slices (MIG) are left out`);
  if (cards < 1) {
    const none = facts.slices > 0 ? `nothing but slices (MIG) on ${id}` : `no usable GPU on ${id}`;
    const remedy =
      facts.slices > 0
        ? "Switch MIG off on the node, or describe the slices under gpus of the cluster file by hand."
        : "Check the device plugin and the health of the cards (kubectl describe node).";
    problems.add(place("status", "allocatable"), none, "at least one whole GPU", remedy);
    return undefined;
  }
  const { name: gpu, own } = found.gpu;
  return {
    id,
    gpu,
    gpus: cards,
    ...(own === undefined ? {} : { ownGpu: own }),
    ...(facts.zone === undefined ? {} : { region: facts.zone }),
    ...(facts.cloudRegion === undefined ? {} : { cloudRegion: facts.cloudRegion }),
  };
}

function hasGpus(facts: NodeFacts, instance: InstanceGpus | undefined): boolean {
  const { product, counted, miscounted, capacity, slices } = facts;
  if (slices > 0) return true;
  if (counted === 0) return false;
  if (capacity === 0) return counted !== undefined || instance !== undefined;
  return [product, counted, miscounted, capacity, instance].some((fact) => fact !== undefined);
}

/** The card, by label or else by instance type. */
function identify(
  facts: NodeFacts,
  instance: InstanceGpus | undefined,
  { problems, assumptions, place }: Reading,
): { readonly gpu: FoundGpu } | undefined {
  const { id, product, productLabel } = facts;
  if (product === undefined && instance === undefined) {
    const known = facts.vendor === "amd" ? "amd.com/gpu.product-name" : PRODUCT_LABELS[0];
    const count = facts.capacity ?? facts.counted ?? 0;
    const type = facts.instanceType === undefined ? "" : ` (instance type ${facts.instanceType})`;
    problems.add(
      place("metadata", "labels"),
      `${count} GPUs of an unknown kind on ${id}${type}`,
      `the label ${known}`,
      `Install the vendor's node labeller, or label the node: kubectl label node ${id} ${known}=…`,
    );
    return undefined;
  }
  const labelPlace = (): Place =>
    productLabel === undefined ? place() : place("metadata", "labels", productLabel);
  const partition = textOf(facts.labels["cloud.google.com/gke-gpu-partition-size"]);
  if (partition !== undefined || facts.labels["nvidia.com/vgpu.present"] === "true") {
    const found = partition === undefined ? "virtual GPUs" : `slices (MIG ${partition})`;
    const remedy =
      "Plan with whole cards, or describe the slice under gpus of the cluster file by hand.";
    problems.add(labelPlace(), `${found}: ${id} ${NO_CARD}`, "whole GPUs", remedy);
    return undefined;
  }
  const gpu = identifyPart(product ?? instance!.gpu, facts);
  if (gpu.kind === "unknown") {
    problems.add(labelPlace(), `${JSON.stringify(product)} on ${id}`, gpu.expected, gpu.remedy);
    return undefined;
  }
  if (instance !== undefined && instance.gpu !== gpu.name) {
    assumptions.push(
      `${id}: its labels say ${gpu.name}, its instance type ${facts.instanceType} has ${instance.gpu}; the labels hold`,
    );
  }
  return { gpu };
}

/** AMD's labeller gives the memory of a partition where cards are split: the name then says the card. */
function identifyPart(product: string, facts: NodeFacts): IdentifiedGpu {
  const gpu = identifyGpu(product, facts.mebibytes);
  if (gpu.kind === "gpu" || facts.vendor !== "amd") return gpu;
  const whole = identifyGpu(product);
  return whole.kind === "gpu" && partitionsPerCard(facts, mebibytesOf(whole.name)) > 1
    ? whole
    : gpu;
}

function mebibytesOf(name: string): number | undefined {
  const gpu = findGpu(name);
  return gpu === undefined ? undefined : (gpu.memoryBytes / GIGA) * (GIBI / MEBI);
}

function whyUnavailable(node: JsonObject): string | undefined {
  if (asObject(node.spec)?.unschedulable === true) return "cordoned";
  const conditions = asObject(node.status)?.conditions;
  const ready = Array.isArray(conditions)
    ? conditions.map(asObject).find((condition) => condition?.type === "Ready")
    : undefined;
  return ready !== undefined && ready.status !== "True" ? "not ready" : undefined;
}
