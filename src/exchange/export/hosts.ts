import { isIP } from "./literal-address.js";
import { API_PORT, hostOf, portOf } from "./endpoint.js";
import type { Chain } from "./chains.js";
import type { ExportRequest } from "./outcome.js";
import { quoteMarkdown } from "./quote.js";
import { listRunning } from "./running-nodes.js";

/** Ports of an engine by chain, apart wherever several stand on one host. */
export interface ChainPorts {
  /** Where the chain answers. */
  readonly api: number;
  /** Where its ranks meet; on the same host. */
  readonly meeting: number;
}

/** Takes the first port from `preferred` on that nobody else has on that host. */
export type TakePort = (host: string, preferred: number) => number;

/** A fresh book of ports. Ports that --addresses gives are taken from the start. */
export function createPorts(request: ExportRequest): TakePort {
  const taken = new Map<string, Set<number>>();
  const of = (host: string): Set<number> => {
    const ports = taken.get(host) ?? new Set<number>();
    taken.set(host, ports);
    return ports;
  };
  for (const { host, port } of request.addresses.values())
    if (port !== undefined) of(host).add(port);
  return (host, preferred) => {
    const ports = of(host);
    let port = preferred;
    while (ports.has(port)) port += 1;
    ports.add(port);
    return port;
  };
}

/**
 * Ports of every chain at its first node: APIs first, so that balancers, which know nothing else, find
 * the same ones.
 */
export function assignPorts(
  request: ExportRequest,
  chains: readonly Chain[],
  meeting: number,
  take: TakePort = createPorts(request),
): readonly ChainPorts[] {
  const apis = assignApis(request, chains, API_PORT, take);
  return chains.map(({ stages }, index) => ({
    api: apis[index]!,
    meeting: take(hostOf(request, stages[0]!.id), meeting),
  }));
}

/** The port of every chain's API at its first node: the one given, or the first free one. */
export function assignApis(
  request: ExportRequest,
  chains: readonly { readonly stages: readonly { readonly id: string }[] }[],
  otherwise: number,
  take: TakePort = createPorts(request),
): readonly number[] {
  return chains.map(({ stages }) => {
    const { id } = stages[0]!;
    const given = request.addresses.get(id)?.port;
    return given ?? take(hostOf(request, id), portOf(request, id, otherwise));
  });
}

/**
 * The cards of a node, by index on its host, where it is only a part of the host: as --addresses says,
 * or in the cluster's order where several nodes have one host. Undefined for whole hosts.
 */
export function devicesOf(request: ExportRequest, id: string): readonly number[] | undefined {
  const given = request.addresses.get(id)?.devices;
  if (given !== undefined) return given;
  const host = hostOf(request, id);
  const together = listRunning(request).filter((node) => hostOf(request, node.id) === host);
  if (together.length < 2) return undefined;
  const at = together.findIndex((node) => node.id === id);
  const before = together.slice(0, at).reduce((sum, { gpus }) => sum + gpus, 0);
  return Array.from({ length: together[at]!.gpus }, (_, index) => before + index);
}

/** The environment that shows an engine its own cards only; empty for whole hosts. */
export function deviceEnvironment(
  request: ExportRequest,
  id: string,
): Readonly<Record<string, string>> {
  const devices = devicesOf(request, id);
  if (devices === undefined) return {};
  return { CUDA_DEVICE_ORDER: "PCI_BUS_ID", CUDA_VISIBLE_DEVICES: devices.join(",") };
}

/** Notes on hosts of several nodes, whose cards were given out here. */
export function describeSharedHosts(request: ExportRequest): readonly string[] {
  const hosts = new Map<string, string[]>();
  for (const { id } of listRunning(request)) {
    if (request.addresses.get(id)?.devices !== undefined) continue;
    const devices = devicesOf(request, id);
    if (devices === undefined) continue;
    const host = hostOf(request, id);
    const text = `${quoteMarkdown(id)} ${devices.join(",")}`;
    hosts.set(host, [...(hosts.get(host) ?? []), text]);
  }
  return [...hosts].map(
    ([host, nodes]) =>
      `Cards of ${quoteMarkdown(host)} by their index on the PCI bus: ${nodes.join("; ")}. The column \`devices\` of --addresses says it otherwise.`,
  );
}

/** Kubernetes calls a node by its name: the host, or the machine's id where the host is an address. */
export function kubernetesNode(request: ExportRequest, id: string): string {
  const host = hostOf(request, id);
  if (!isIP(host)) return host;
  const entry = request.file.nodes.find((node) => node.id === id);
  return entry?.machine ?? id;
}
