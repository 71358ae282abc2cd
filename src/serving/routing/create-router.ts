import { COORDINATOR, COORDINATOR_ID, type Cluster } from "../../core/cluster.js";
import { InputError, type Problem } from "../../core/errors.js";
import { HELIX } from "../../engines/helix/helix.js";
import { partedAs } from "../../formats/parted-as.js";
import { placementFor } from "../../formats/read-placement.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import type { LinkFlow } from "../../planner/graph/evaluate-placement.js";
import { createHelixRouter } from "./helix-router.js";
import { createHopGraph } from "./hop-graph.js";
import { createKvReservation, type KvLimits } from "./kv-reservation.js";
import type { Router } from "./router.js";

/** A stage of a request's way: the node's id and the layers it runs, half-open. */
export interface NamedStage {
  readonly node: string;
  readonly layers: readonly [start: number, end: number];
}

export type NamedRoute =
  | { readonly kind: "route"; readonly id: number; readonly stages: readonly NamedStage[] }
  /** `length`: no path takes a prompt this long, ever. `capacity`: not now; queue and try again. */
  | { readonly kind: "refused"; readonly reason: "length" | "capacity" };

/** Sends requests through a placement. Ids are small integers, used again after `finish`. */
export interface PlacementRouter extends Pick<Router, "step" | "finish" | "bottleneckUse"> {
  /**
   * The way of one request through the cluster, its KV cache reserved on every node of the way; or
   * why there is none just now. A refusal changes nothing. O(hops · links per node); where nodes are full O(links).
   */
  route(promptTokens: number): NamedRoute;
}

/**
 * The scheduler of Helix for a placement file: every node spreads its requests over its links by the
 * flow that the file gives them, and no request is sent where its KV cache would not fit. It keeps
 * no clock and does no I/O: call `route` when a request arrives, `step` for every token it
 * generates, `finish` when it is over.
 * @param limits when a node counts as full; default those of the paper for requests that arrive on
 * their own: 0.9 of the KV cache, prompt + 0.6 times the workload's mean output per request.
 * @throws InputError when the file names nodes that the cluster does not have, is of a model
 * with other layers, or carries nothing.
 */
export function createRouter(
  whole: Cluster,
  file: PlacementFile,
  limits: Partial<KvLimits> = {},
): PlacementRouter {
  const cluster = partedAs("placement", whole, file);
  const placement = placementFor("placement", cluster, file);
  const graph = createHopGraph(cluster, placement, readLinks(cluster, file));
  const firstLayer = Int32Array.from(placement, (interval) => interval?.[0] ?? 0);
  const kv = createKvReservation(graph, firstLayer, cluster.model.layers, {
    ...HELIX.kv.online,
    meanOutputTokens: cluster.workload.outputTokens,
    ...limits,
  });
  const router = createHelixRouter(graph, kv);
  return {
    route(promptTokens) {
      const outcome = router.route(promptTokens);
      if (outcome.kind === "refused") return outcome;
      const stages = outcome.stages.map(({ node, layers }) => ({
        node: cluster.nodes[node]!.id,
        layers,
      }));
      return { ...outcome, stages };
    },
    step: router.step,
    finish: router.finish,
    bottleneckUse: router.bottleneckUse,
  };
}

/** The links of the file that carry something, by node of the cluster. */
function readLinks(cluster: Cluster, file: PlacementFile): readonly LinkFlow[] {
  const byId = new Map(cluster.nodes.map(({ id }, node) => [id, node]));
  byId.set(COORDINATOR_ID, COORDINATOR);
  const problems: Problem[] = [];
  const { layers } = cluster.model;
  if (file.model.layers !== layers) {
    const remedy = "Give the cluster that the placement was made for, or plan again.";
    const found = `${file.model.layers} layers`;
    problems.push({ path: "model.layers", found, expected: `${layers}`, remedy });
  }
  const find = (id: string, path: string): number => {
    const node = byId.get(id);
    if (node !== undefined) return node;
    const expected = `a node of ${cluster.name}, or "${COORDINATOR_ID}"`;
    const remedy = "Give the cluster that the placement was made for, or plan again.";
    problems.push({ path, found: JSON.stringify(id), expected, remedy });
    return COORDINATOR;
  };
  const links = file.links.flatMap(({ from, to, flow, capacity }, at) => {
    const ends = { from: find(from, `links[${at}].from`), to: find(to, `links[${at}].to`) };
    return flow > 0 ? [{ ...ends, flow, capacity }] : [];
  });
  if (links.length === 0) {
    const expected = "links that carry tokens";
    const remedy = "Plan again: this placement serves nothing.";
    problems.push({ path: "links", found: "no flow on any", expected, remedy });
  }
  if (problems.length > 0) throw new InputError("placement", problems);
  return links;
}
