import { machineOf } from "../../core/cluster.js";
import type { Chain } from "./chains.js";
import { kubernetesNode } from "./hosts.js";
import type { ExportRequest } from "./outcome.js";
import { quoteMarkdown } from "./quote.js";

/**
 * Machines in use that hold cards of several kinds: whoever hands out cards by their number (Kubernetes, Ray) may give a stage
 * one that the plan did not mean, too small for its layers. Machines are parts of one host, or nodes that --addresses brings together.
 */
export function listUnlikeCards(
  request: ExportRequest,
  chains: readonly Chain[],
): readonly string[] {
  const { cluster } = request;
  const used = new Set(chains.flatMap(({ stages }) => stages.map(({ id }) => id)));
  const nameOfHost = new Map<number, string>();
  for (const { id, part } of cluster.nodes)
    if (part !== undefined && used.has(id)) nameOfHost.set(part.host, kubernetesNode(request, id));
  const kinds = new Map<string, Set<string>>();
  cluster.nodes.forEach(({ id, part }, node) => {
    const own = used.has(id) ? kubernetesNode(request, id) : undefined;
    const machine = own ?? (part === undefined ? undefined : nameOfHost.get(part.host));
    const { gpu } = machineOf(cluster, node);
    if (machine === undefined || gpu === undefined) return;
    kinds.set(machine, (kinds.get(machine) ?? new Set()).add(gpu));
  });
  return [...kinds]
    .filter(([, gpus]) => gpus.size > 1)
    .map(
      ([machine, gpus]) =>
        `which cards of ${quoteMarkdown(machine)} a stage gets: cards are handed out by their number, and ${[...gpus].join(" and ")} stand in it. Give each kind a resource of its own, or use target vllm, which names them`,
    );
}
