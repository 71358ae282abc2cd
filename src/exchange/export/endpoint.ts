import { BugError } from "../../core/errors.js";
import type { ExportRequest } from "./outcome.js";

/** `host:port`, with brackets around IPv6 addresses. */
export function joinHostPort(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The host of a node (or of the coordinator). */
export function hostOf(request: ExportRequest, id: string): string {
  const address = request.addresses.get(id);
  if (address === undefined) throw new BugError(`export: no address for ${id}`);
  return address.host;
}

/** The port of a node: the one given, or the target's own. */
export function portOf(request: ExportRequest, id: string, otherwise: number): number {
  return request.addresses.get(id)?.port ?? otherwise;
}

/** Where the API of a chain answers: on its first node. */
export function apiOf(
  request: ExportRequest,
  chain: { readonly stages: readonly { readonly id: string }[] },
  otherwise: number = API_PORT,
): { readonly host: string; readonly port: number } {
  const { id } = chain.stages[0]!;
  return { host: hostOf(request, id), port: portOf(request, id, otherwise) };
}

/** The port of OpenAI-compatible servers. */
export const API_PORT = 8000;
