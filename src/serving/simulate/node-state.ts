import { machineOf, type Cluster, sourceOf } from "../../core/cluster.js";
import { InputError } from "../../core/errors.js";
import type { Placement } from "../../core/placement.js";
import { HELIX } from "../../engines/helix/helix.js";
import type { HopGraph } from "../routing/hop-graph.js";
import {
  decodeBatchRequests,
  promptBatchRequests,
  promptBatchTokens,
} from "../../engines/node-limits.js";
import type { NodeState } from "../../engines/node-state.js";
import { createDecodeTime, createLayerTime, type LayerTime } from "../../engines/timing.js";

/** @throws InputError `input-invalid` when a node with layers has no timing curves. */
export function createNodeState(
  cluster: Cluster,
  placement: Placement,
  graph: HopGraph,
): NodeState {
  const count = graph.nodeCount;
  const firstQueue = new Int32Array(count);
  const batch = new Int32Array(count);
  const promptTime: LayerTime[] = [];
  const decodeTime: LayerTime[] = [];
  const floats = (): Float64Array => new Float64Array(count);
  const limits = {
    prompts: floats(),
    promptTokens: floats(),
    decodes: floats(),
    context: floats(),
  };
  const shared = new Map<number, readonly [LayerTime, LayerTime]>();
  let lists = 0;
  for (let node = 0; node < count; node += 1) {
    firstQueue[node] = lists;
    lists += graph.layersHeld[node]!;
    batch[node] = lists;
    lists += 1;
    const machine = cluster.nodes[node]!.machine;
    let times = shared.get(machine);
    if (times === undefined) {
      times = layerTimes(cluster, node, graph.layersHeld[node]! > 0);
      shared.set(machine, times);
    }
    promptTime.push(times[0]);
    decodeTime.push(times[1]);
    const held = graph.layersHeld[node]!;
    if (held === 0) continue;
    const capacity = machineOf(cluster, node).capacity;
    limits.prompts[node] = promptBatchRequests(capacity, held);
    limits.promptTokens[node] = promptBatchTokens(capacity, held);
    limits.decodes[node] = decodeBatchRequests(capacity, held);
    limits.context[node] = limits.decodes[node]! * HELIX.decodeSlotContext;
  }
  return {
    count,
    firstLayer: Int32Array.from(placement, (interval) => interval?.[0] ?? 0),
    layersHeld: graph.layersHeld,
    firstQueue,
    batch,
    listCount: lists,
    promptTime,
    decodeTime,
    maxPrompts: limits.prompts,
    maxPromptTokens: limits.promptTokens,
    maxDecodes: limits.decodes,
    maxContext: limits.context,
    kvCapacity: graph.kvTokenLayers,
    kvUsed: floats(),
    layer: new Int32Array(count),
    busy: new Uint8Array(count),
    waiting: new Int32Array(count),
    unloaded: floats(),
  };
}

function layerTimes(
  cluster: Cluster,
  node: number,
  needed: boolean,
): readonly [LayerTime, LayerTime] {
  const machine = machineOf(cluster, node);
  const curves = machine.capacity.curves;
  if (curves !== undefined) {
    return [createLayerTime(curves.promptSeconds), createDecodeTime(curves.decodeSeconds)];
  }
  if (!needed) return [() => 0, () => 0];
  throw new InputError(sourceOf(cluster), [
    {
      path: `machines.${machine.name}.profile`,
      found: "no promptSeconds and decodeSeconds",
      expected: "measured curves, or a GPU of the catalogue to estimate them from",
      remedy: "Tokens per second alone say nothing of batches: give the curves, or name the gpu.",
    },
  ]);
}
