import type { Chain } from "./chains.js";
import { API_PORT, hostOf } from "./endpoint.js";
import { assignApis } from "./hosts.js";
import type { ExportRequest } from "./outcome.js";
import { LLAMA_PORT, llamaFronts } from "./target-llama-cpp.js";
import { EXO_PORT } from "./target-exo.js";

/** Where a chain answers. */
export interface Front {
  readonly host: string;
  readonly port: number;
}

/** Where every chain answers, under the engine that the plan was made for. */
export function listFronts(request: ExportRequest, chains: readonly Chain[]): readonly Front[] {
  const engine = request.cluster.engine?.name;
  const llama = engine === "llama.cpp";
  const fronts = llama ? llamaFronts(request.cluster, chains) : chains;
  const port = llama ? LLAMA_PORT : engine === "exo" ? EXO_PORT : API_PORT;
  const ports = assignApis(request, fronts, port);
  return fronts.map(({ stages }, index) => ({
    host: hostOf(request, stages[0]!.id),
    port: ports[index]!,
  }));
}

const LISTEN_PORT = 8080;

/** Where a balancer listens: on no port of a chain, behind which it may stand on one host. */
export function listenPort(fronts: readonly Front[]): number {
  const taken = new Set(fronts.map(({ port }) => port));
  let port = LISTEN_PORT;
  while (taken.has(port)) port += 1;
  return port;
}
