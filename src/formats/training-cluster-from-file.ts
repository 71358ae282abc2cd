import { parseQuantity, TERA } from "../core/units.js";

/** Keys of a cluster file's machine types and nodes that training reads; the rest is about serving. */
const MACHINE_KEYS = ["gpu", "gpus", "nic", "pricePerHour"] as const;
const NODE_KEYS = ["id", "machine", "count"] as const;

/**
 * A job whose `cluster` names a cluster file, with that file's nodes and machine types put in its
 * place, and the job's own `machines` (layer times, bandwidth within a node) laid over them. The
 * result has the inline form; what is wrong with it is found when it is read.
 * @param job the parsed job file. @param cluster the parsed cluster file.
 */
export function inlineTrainingCluster(job: unknown, cluster: unknown): unknown {
  const { machines: own, ...rest } = asRecord(job);
  const file = asRecord(cluster);
  const listed = Array.isArray(file["nodes"]) ? file["nodes"] : [];
  const used = new Set(listed.map((node: unknown) => asRecord(node)["machine"]));
  // Nothing is asked of machines that are only listed.
  const entries = Object.entries(asRecord(file["machines"])).filter(([name]) => used.has(name));
  const machines = entries.map(([name, machine]) => [
    name,
    {
      ...pick(machine, MACHINE_KEYS),
      ...figuresOfOwn(asRecord(file["gpus"]), asRecord(machine)),
      ...memoryOfOne(asRecord(machine)),
      ...asRecord(asRecord(own)[name]),
    },
  ]);
  const nodes = Array.isArray(file["nodes"])
    ? file["nodes"].map((node: unknown) => pick(node, NODE_KEYS))
    : file["nodes"];
  return { ...rest, cluster: { machines: Object.fromEntries(machines), nodes } };
}

/** Of a card that the cluster file describes itself. */
function figuresOfOwn(
  gpus: Readonly<Record<string, unknown>>,
  { gpu }: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (typeof gpu !== "string" || !Object.hasOwn(gpus, gpu)) return {};
  const { memory, bandwidth, tflops } = asRecord(gpus[gpu]);
  const flops = typeof tflops === "number" ? tflops * TERA : tflops;
  return { memory, memoryBandwidth: bandwidth, flops };
}

/** A cluster file says the memory of all cards, and what is free of each; a job that of one GPU. */
function memoryOfOne({
  memory,
  freeMemory,
  gpus,
}: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const count = typeof gpus === "number" && gpus >= 1 ? gpus : 1;
  const [all, free] = [memory, freeMemory].map((value) =>
    typeof value === "string" || typeof value === "number"
      ? parseQuantity("bytes", value)
      : undefined,
  );
  // What cannot be read is reported where the job is.
  if ((all === undefined) !== (memory === undefined)) return { memory };
  if ((free === undefined) !== (freeMemory === undefined)) return { memory: freeMemory };
  if (all === undefined && free === undefined) return {};
  return { memory: Math.min((all ?? Infinity) / count, free ?? Infinity) };
}

/** The path of the cluster file that a parsed job names, if it names one. */
export function clusterPathOf(job: unknown): string | undefined {
  const { cluster } = asRecord(job);
  return typeof cluster === "string" ? cluster : undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function pick(value: unknown, keys: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(asRecord(value)).filter(([key]) => keys.includes(key)));
}
