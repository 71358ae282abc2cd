import { COORDINATOR } from "../../core/cluster.js";
import { createTelling } from "./telling.js";
import { createRandom } from "../../core/random.js";
import { findBatching } from "../../engines/helix/batchings.js";
import { longestPrompt } from "../routing/describe-route.js";
import { createHopGraph, type HopGraph } from "../routing/hop-graph.js";
import { createScheduler } from "./create-parts.js";
import { createChangeRun } from "./change-run.js";
import { decodeInterval } from "./confidence.js";
import { createCoordinator } from "./coordinator.js";
import { createEventHeap } from "./event-heap.js";
import { encodeEvent, EVENT, eventIndex, eventKind } from "./events.js";
import { createLinks } from "./links.js";
import { createMetrics } from "./metrics.js";
import { createNodeState } from "./node-state.js";
import { createQueues, shift, takeYoungest } from "../../engines/queues.js";
import { createRequestTable } from "../../engines/requests.js";
import type { SimulationMetrics, SimulationResult } from "./result.js";
import { createSenders } from "./senders.js";
import type { SimulationInput } from "./simulation-input.js";

/** Samples of the window. */
const SAMPLES = 100;
/** Events between two looks at the time a run may take. */
const LOOK_EVERY = 2048;
/** Share of that time after which a run that still warms up measures, so that it ends with figures. */
const WARM_SHARE = 0.6;

/**
 * Runs a placement under load, event by event: batches end, requests come off links, transfers give
 * links free, requests arrive. Physics as in the Helix paper's simulator, but a request that
 * overflows a KV cache is preempted and computed again instead of ending the run. Exactly repeatable:
 * the result is a function of the input, seed included.
 *
 * @throws InputError `input-invalid` when a node with layers has no timing curves.
 */
export function simulate(input: SimulationInput): SimulationResult {
  const { cluster, placement } = input;
  const random = createRandom(input.seed);
  const graph = createHopGraph(cluster, placement, input.links, input.promptSlotTokens);
  const heap = createEventHeap();
  const table = createRequestTable();
  const requests = table.of;
  const nodes = createNodeState(cluster, placement, graph);
  const { linkCount, nodeCount, head } = graph;
  const firstFlight = nodes.listCount;
  const firstLinkQueue = firstFlight + linkCount;
  const firstSender = firstLinkQueue + linkCount;
  const outside = firstSender + nodeCount + 1;
  const queues = createQueues(outside + 2);
  const rule = findBatching(input.batching);
  const { activationBytes } = cluster.model;
  const batching = rule.create({ ...input, nodes, queues, requests, activationBytes });
  const router = createScheduler(input, graph, random.fork(), (node) => batching.queueLength(node));
  const links = createLinks(cluster, graph, router.ahead, queues, firstFlight, requests, heap);
  const metrics = createMetrics(nodes, batching);
  const senders = createSenders(
    graph,
    router,
    links,
    queues,
    requests,
    firstLinkQueue,
    firstSender,
    metrics,
  );
  const changing =
    input.change === undefined
      ? undefined
      : createChangeRun(input.change, { graph, router, links, heap });
  const coordinator = createCoordinator({
    ...(changing === undefined ? {} : { passage: changing.passage }),
    input,
    graph,
    router,
    table,
    queues,
    waitingList: outside,
    nodes,
    heap,
    metrics,
    send: (slot, vertex, at) => senders.depart(slot, vertex, at),
    wake: startBatch,
    lengthsRandom: random.fork(),
    arrivalsRandom: random.fork(),
  });
  const startedAt = new Float64Array(nodeCount);
  let now = 0;

  function startBatch(node: number): void {
    if (nodes.busy[node] === 1 || nodes.waiting[node] === 0) return;
    metrics.touch(node, now);
    const seconds = batching.start(node);
    if (seconds < 0) {
      const slot = batching.unblock(node);
      if (slot >= 0)
        coordinator.preempt(slot, node, batching.written(node, slot, requests.entry[slot]!), now);
      return;
    }
    nodes.busy[node] = 1;
    startedAt[node] = now;
    heap.push(now + seconds, encodeEvent(EVENT.done, node));
  }

  function endBatch(node: number): void {
    metrics.touch(node, now);
    metrics.batch(node, now - startedAt[node]!);
    if (input.observer?.batch !== undefined) observe(node);
    batching.book(node);
    while (nodes.kvUsed[node]! > nodes.kvCapacity[node]!) {
      const slot = takeYoungest(queues, nodes.batch[node]!, requests);
      if (slot < 0) break;
      coordinator.preempt(slot, node, batching.written(node, slot, requests.entry[slot]!), now);
    }
    batching.end(node);
    nodes.busy[node] = 0;
    for (;;) {
      const slot = shift(queues, nodes.batch[node]!, requests);
      if (slot < 0) break;
      if (!router.ahead) {
        const link = router.linkAt(requests.route[slot]!, requests.hop[slot]!);
        router.observe(link, now - requests.sentAt[slot]!);
      }
      senders.depart(slot, node, now);
    }
    startBatch(node);
  }

  function observe(node: number): void {
    const first = nodes.firstLayer[node]!;
    const layerwise = rule.runs === "layer";
    const layer = first + (layerwise ? nodes.layer[node]! : 0);
    input.observer?.batch?.({
      node,
      layers: [layer, layerwise ? layer + 1 : first + nodes.layersHeld[node]!],
      startSeconds: startedAt[node]!,
      endSeconds: now,
      prompts: batching.promptsInBatch[node]!,
      promptTokens: batching.promptTokensInBatch[node]!,
      decodes: batching.decodesInBatch[node]!,
    });
  }

  function arrive(link: number): void {
    const slot = links.arrive(link);
    const node = head[link]!;
    if (node === COORDINATOR) {
      coordinator.gather(slot, now);
      return;
    }
    metrics.touch(node, now);
    metrics.arrive(node);
    requests.reachedAt[slot] = now;
    nodes.unloaded[node]! += requests.inPrompt[slot] === 1 ? requests.prompt[slot]! : 1;
    const entry = graph.entryLayer[link]! - nodes.firstLayer[node]!;
    requests.entry[slot] = entry;
    batching.enqueue(node, entry, slot);
    startBatch(node);
  }

  function closeWindow(at: number): SimulationMetrics {
    metrics.sample(at, coordinator.waiting());
    return metrics.close(at);
  }

  const endSeconds = input.warmupSeconds + input.durationSeconds;
  const finite = Number.isFinite(endSeconds);
  let closed: SimulationMetrics | undefined;
  let events = 0;
  let opened = false;
  let cutShort = false;
  const open = (): void => {
    if (!opened) metrics.open(now);
    opened = true;
  };
  const spent = input.observer?.spent;
  const tell = createTelling(input.observer?.progress, endSeconds);
  heap.push(input.warmupSeconds, encodeEvent(EVENT.sample, 0));
  coordinator.begin();
  changing?.begin();
  while (heap.size() > 0) {
    now = heap.nextTime();
    tell(now);
    if (closed === undefined && now >= endSeconds) {
      closed = closeWindow(endSeconds);
      if (input.stopAtEnd) break;
    }
    if (spent !== undefined && events % LOOK_EVERY === 0) {
      const share = spent();
      if (share >= WARM_SHARE && !opened) open();
      else if (share >= 1) {
        cutShort = true;
        break;
      }
    }
    const payload = heap.pop();
    const index = eventIndex(payload);
    events += 1;
    switch (eventKind(payload)) {
      case EVENT.arrive:
        arrive(index);
        break;
      case EVENT.done:
        endBatch(index);
        break;
      case EVENT.sent:
        links.sent(index);
        senders.freed(index, now);
        break;
      case EVENT.change:
        changing?.goOn(index, now);
        coordinator.retry(now);
        break;
      case EVENT.launch:
        coordinator.launch(now, endSeconds);
        break;
      default:
        if (index === 0) open();
        else metrics.sample(now, coordinator.waiting());
        if (finite && index + 1 < SAMPLES) {
          const next = input.warmupSeconds + ((index + 1) * input.durationSeconds) / SAMPLES;
          heap.push(next, encodeEvent(EVENT.sample, index + 1));
        }
    }
  }
  const window = closed ?? closeWindow(finite && !cutShort ? endSeconds : now);
  return {
    ...window,
    requests: coordinator.counts(),
    ...findPromptLimit(input, graph),
    kvLeft: nodes.kvUsed.reduce((sum, used) => sum + used, 0),
    decodeConfidence: decodeInterval(window),
    events,
    ...(cutShort ? { cutShort } : {}),
    ...(changing === undefined ? {} : { change: changing.report() }),
  };
}

/** The longest prompt of any route, and what limits it. O(links · log links). */
function findPromptLimit(
  { cluster, placement, links, promptSlotTokens }: SimulationInput,
  graph: HopGraph,
): Pick<SimulationResult, "promptLimit"> {
  const tokens = longestPrompt(graph);
  if (tokens === Infinity) return {};
  const free = promptSlotTokens === undefined ? graph : createHopGraph(cluster, placement, links);
  return { promptLimit: { tokens, by: longestPrompt(free) > tokens ? "prompt-slot" : "kv-cache" } };
}
