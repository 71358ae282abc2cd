import { GIGA, TERA } from "../../core/units.js";
import {
  COORDINATOR,
  linkBetween,
  machineOf,
  type Cluster,
  type Machine,
} from "../../core/cluster.js";
import { BugError } from "../../core/errors.js";
import { MEGA } from "../../core/units.js";
import { listLinks, nodeName, type HelixLink } from "./helix-runtime.js";
import type { ExportRequest } from "./outcome.js";
import { quotePython } from "./quote.js";
import type { RunningNode } from "./running-nodes.js";

/** What stands for a NIC or a link without a limit, in bytes/s; the parser evaluates numbers only. */
const UNLIMITED = TERA;
/** Bytes/s; only the loading of layers before the start of a simulation uses it. */
const DISK_SPEED = GIGA;
const MILLI = 1e-3;
/** Machine types of the published model manager. */
const KNOWN_TYPES = ["A100", "L4", "T4", "V100"];

/**
 * The simulator cluster INI: nodes and the links that carry flow.
 * @param capacity "link": what links can carry; "flow": what the plan sends over them and no more, which
 * leaves the plan's flow as the only maximum one.
 */
export function writeSimulatorCluster(
  request: ExportRequest,
  nodes: readonly RunningNode[],
  capacity: "link" | "flow",
): string {
  const { cluster } = request;
  const links = listLinks(request, nodes);
  const names = links.map(nameLink);
  const nic = megabytes(cluster.coordinator.nicBytesPerSecond);
  const types = [
    ...new Set(nodes.map(({ index }) => typeName(cluster, machineOf(cluster, index)))),
  ];
  return [
    section("Coordinator", { inbound_nic_speed: nic, outbound_nic_speed: nic }),
    section("MachineTypes", { types: list(types.map(quotePython)) }),
    section("ComputeNodes", { names: list(nodes.map((_, position) => `'${nodeName(position)}'`)) }),
    ...nodes.map((node, position) => section(nodeName(position), describeNode(cluster, node))),
    section("Links", { names: list(names.map((name) => `'${name}'`)) }),
    ...links.map((link, index) =>
      section(names[index]!, describeLink(cluster, nodes, link, capacity)),
    ),
  ].join("\n");
}

/** The topology INI that Helix loads beside a solution: all nodes, and the links between them. */
export function writeTopology(cluster: Cluster, nodes: readonly RunningNode[]): string {
  const all = nodes.map((_, position) => position);
  const sections = [
    section("NodeNames", { total_compute_nodes: String(nodes.length) }),
    section("SourceNode", { connected_nodes: list(all.map(String)) }),
    section("SinkNode", { connected_nodes: list(all.map(String)) }),
  ];
  nodes.forEach(({ index }, position) => {
    const others = all.filter((other) => other !== position).map(String);
    sections.push(
      section(`ComputeNode-${position}`, {
        type: escapePercent(typeName(cluster, machineOf(cluster, index))),
        connected_nodes: list(['"source"', ...others, '"sink"']),
      }),
    );
  });
  const add = (name: string, from: number, to: number): void => {
    const link = linkBetween(cluster, from, to);
    if (link === undefined) return;
    sections.push(
      section(name, {
        bandwidth: megabytes(link.bandwidthBytesPerSecond),
        latency: milliseconds(link.latencySeconds),
      }),
    );
  };
  nodes.forEach((tail, from) => {
    add(`Link-source-${from}`, COORDINATOR, tail.index);
    nodes.forEach((head, to) => {
      if (from < to) add(`Link-${from}-${to}`, tail.index, head.index);
    });
    add(`Link-${from}-sink`, tail.index, COORDINATOR);
  });
  return sections.join("\n");
}

/** The machine profile INI: one section per machine type, and the coordinator's two ends. */
export function writeMachineProfile(cluster: Cluster, nodes: readonly RunningNode[]): string {
  const nic = megabytes(cluster.coordinator.nicBytesPerSecond);
  const end = (inbound: string, outbound: string): Readonly<Record<string, string>> => ({
    inbound_nic_speed: inbound,
    outbound_nic_speed: outbound,
    disk_speed: "-1",
    vram_size: "-1",
  });
  const types = new Map(
    nodes.map(({ index }) => [
      typeName(cluster, machineOf(cluster, index)),
      machineOf(cluster, index),
    ]),
  );
  return [
    section("SourceNode", end("-1", nic)),
    section("SinkNode", end(nic, "-1")),
    ...[...types].map(([name, machine]) => section(name, describeMachine(cluster, machine))),
  ].join("\n");
}

function describeMachine(cluster: Cluster, machine: Machine): Readonly<Record<string, string>> {
  const nic = megabytes(machine.nicBytesPerSecond);
  const weights = 2 * machine.capacity.maxLayers * cluster.model.layerBytes;
  return {
    vram_size: `${decimal(weights / MEGA)} * MB`,
    inbound_nic_speed: nic,
    outbound_nic_speed: nic,
    disk_speed: megabytes(DISK_SPEED),
  };
}

function describeNode(cluster: Cluster, node: RunningNode): Readonly<Record<string, string>> {
  const machine = machineOf(cluster, node.index);
  const held = node.layers[1] - node.layers[0];
  return {
    ...describeMachine(cluster, machine),
    machine_type: escapePercent(quotePython(typeName(cluster, machine))),
    kv_cache_capacity: String(Math.floor((node.kvCacheTokens ?? 0) * held)),
    activation_backup_capacity: "0",
  };
}

function describeLink(
  cluster: Cluster,
  nodes: readonly RunningNode[],
  { from, to, flow }: HelixLink,
  capacity: "link" | "flow",
): Readonly<Record<string, string>> {
  const index = (position: number): number => (position < 0 ? COORDINATOR : nodes[position]!.index);
  const link = linkBetween(cluster, index(from), index(to));
  if (link === undefined) throw new BugError("export: a link with flow is not in the cluster");
  const { activationBytes, tokenBytes } = cluster.model;
  const planned = flow * (from < 0 || to < 0 ? tokenBytes : activationBytes);
  const bandwidth = link.bandwidthBytesPerSecond;
  return {
    in: endName(from, "source"),
    out: endName(to, "sink"),
    latency: milliseconds(link.latencySeconds),
    bandwidth: megabytes(capacity === "flow" ? Math.min(bandwidth, planned) : bandwidth),
  };
}

function nameLink({ from, to }: HelixLink): string {
  return `link_${endName(from, "source")}_${endName(to, "sink")}`;
}

function endName(position: number, coordinator: "source" | "sink"): string {
  return position < 0 ? coordinator : nodeName(position);
}

/**
 * The name of a type Helix has profiles for, where exactly one machine type has that GPU; otherwise
 * the machine's own name, fit for INI.
 */
export function typeName(cluster: Cluster, machine: Machine): string {
  const known = knownType(machine);
  const alone = cluster.machines.filter((other) => knownType(other) === known).length === 1;
  return (known !== undefined && alone ? known : machine.name).replace(/[[\]\p{Cc}]/gu, "_").trim();
}

function knownType({ name, gpu }: Machine): string | undefined {
  return KNOWN_TYPES.find((type) =>
    [gpu ?? "", name].some((text) => new RegExp(`^${type}(?![A-Za-z0-9])`, "i").test(text)),
  );
}

function section(name: string, values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(([key, value]) => `${key}=${value}\n`);
  return `[${name}]\n${lines.join("")}`;
}

/** The parser interpolates %. */
function escapePercent(text: string): string {
  return text.replaceAll("%", "%%");
}

function list(items: readonly string[]): string {
  return `[${items.join(", ")}]`;
}

/** `mbps` means 10⁶ bytes per second there. */
function megabytes(bytesPerSecond: number): string {
  return `${decimal(Math.min(bytesPerSecond, UNLIMITED) / MEGA)} * mbps`;
}

function milliseconds(seconds: number): string {
  return `${decimal(seconds / MILLI)} * MilliSec`;
}

/** Shortest decimal with a point, as Python prints floats. */
function decimal(value: number): string {
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
