import { COORDINATOR_ID } from "../../core/cluster.js";
import { hostOf } from "./endpoint.js";
import type { ExportRequest } from "./outcome.js";
import type { RunningNode } from "./running-nodes.js";

/** Source and sink are nodes 0 and 1 of the simulator, so the first compute node is number 2. */
export const NODE_OFFSET = 2;

/** `compute_node_k` of the node at a position; machine k − 1 of the runtime file. */
export function nodeName(position: number): string {
  return `compute_node_${position + NODE_OFFSET}`;
}

/** A link with flow, between positions in the list of nodes; −1 is the coordinator. */
export interface HelixLink {
  readonly from: number;
  readonly to: number;
  /** Tokens/s. */
  readonly flow: number;
}

export function listLinks(
  request: ExportRequest,
  nodes: readonly RunningNode[],
): readonly HelixLink[] {
  const position = new Map(nodes.map(({ id }, index) => [id, index]));
  position.set(COORDINATOR_ID, -1);
  return request.file.links.flatMap(({ from, to, flow }): HelixLink[] => {
    const tail = position.get(from);
    const head = position.get(to);
    return flow > 0 && tail !== undefined && head !== undefined
      ? [{ from: tail, to: head, flow }]
      : [];
  });
}

/** real_sys_config.txt: the host as machine 0 first, then every machine; ends are exclusive. */
export function writeRuntimeConfig(request: ExportRequest, nodes: readonly RunningNode[]): string {
  const links = listLinks(request, nodes);
  const block = (position: number, id: string, layers: readonly [number, number]): string => {
    const heads = links.filter(({ to }) => to === position).map(({ from }) => ` ${from + 1}`);
    const tails = links.filter(({ from }) => from === position).map(({ to }) => ` ${to + 1}`);
    return [
      `machine_id: ${position + 1}`,
      `ip_address: ${hostOf(request, id)}`,
      `in_nodes:${heads.join("")}`,
      `out_nodes:${tails.join("")}`,
      `start_layer: ${layers[0]}`,
      `end_layer: ${layers[1]}`,
      "\n",
    ].join("\n");
  };
  return [
    block(-1, COORDINATOR_ID, [-1, -1]),
    ...nodes.map(({ id, layers }, position) => block(position, id, layers)),
  ].join("");
}

/** The placement INI: every layer a node holds, by name. */
export function writeSolution(nodes: readonly RunningNode[]): string {
  const lines = nodes.map(({ layers: [start, end] }, position) => {
    const held = Array.from({ length: end - start }, (_, index) => start + index);
    return `${nodeName(position)}=[${held.join(", ")}]\n`;
  });
  return `[Settings]\noffset=${NODE_OFFSET}\n\n[Solution]\n${lines.join("")}`;
}
