import type { Random } from "../../core/random.js";
import { longestPrompt } from "../routing/describe-route.js";
import type { HopGraph } from "../routing/hop-graph.js";
import { NO_HOP, type Router } from "../routing/router.js";
import type { EventHeap } from "./event-heap.js";
import { encodeEvent, EVENT } from "./events.js";
import { createFeeder } from "./feeder.js";
import type { Metrics } from "./metrics.js";
import type { NodeState } from "../../engines/node-state.js";
import { append, detach, prepend, type Queues } from "../../engines/queues.js";
import type { RequestTable } from "../../engines/requests.js";
import { createResidents } from "./residents.js";
import type { RequestCounts } from "./result.js";
import { seatResidents } from "./seat-residents.js";
import type { SimulationInput } from "./simulation-input.js";

export interface CoordinatorParts {
  readonly input: SimulationInput;
  readonly graph: HopGraph;
  readonly router: Router;
  readonly table: RequestTable;
  readonly queues: Queues;
  /** First of two lists: requests that wait to be taken; before them those preempted. */
  readonly waitingList: number;
  readonly nodes: NodeState;
  readonly heap: EventHeap;
  readonly metrics: Metrics;
  readonly send: (slot: number, vertex: number, now: number) => void;
  /** Room has come free on a node. */
  readonly wake: (node: number) => void;
  readonly lengthsRandom: Random;
  readonly arrivalsRandom: Random;
  /** Told of requests that go and come where the placement changes under them. */
  readonly passage?: Passage;
}

/** Which requests are on which nodes while a placement changes. */
export interface Passage {
  entered(route: number): void;
  left(route: number, now: number): void;
  /** Whether the request must leave its nodes now, and be computed again on others. */
  mustLeave(route: number): boolean;
  /** Whether more nodes are to come: what finds no room now is kept. */
  goesOn(): boolean;
}

/** Lets requests in, sends their iterations round, and takes them back. */
export interface Coordinator {
  begin(): void;
  launch(now: number, endSeconds: number): void;
  /** An iteration has come back. */
  gather(slot: number, now: number): void;
  /** A request, out of every list, loses its KV; it has `written` token-layers in its pass over `node`. */
  preempt(slot: number, node: number, written: number, now: number): void;
  /** Other routes are open now: whoever waits may try again. */
  retry(now: number): void;
  waiting(): number;
  counts(): RequestCounts;
}

export function createCoordinator(parts: CoordinatorParts): Coordinator {
  const { graph, router, table, queues, nodes, heap, metrics, waitingList } = parts;
  const requests = table.of;
  const { head, layersRun, nodeCount } = graph;
  const preempted = waitingList + 1;
  const longest = longestPrompt(graph);
  const feeder = createFeeder(
    parts.input,
    parts.lengthsRandom,
    parts.arrivalsRandom,
    graph.kvTokenLayers.some((capacity) => capacity > 0 && Number.isFinite(capacity)),
  );
  let arrived = 0;
  let finished = 0;
  let rejected = 0;
  let flying = 0;
  let preemptions = 0;
  let refusals = 0;
  let pendingLaunches = 0;

  function scheduleLaunch(time: number): void {
    pendingLaunches += 1;
    heap.push(time, encodeEvent(EVENT.launch, 0));
  }

  function reject(slot: number): void {
    rejected += 1;
    table.give(slot);
  }

  /** Gives the request a route (or its start) and sends it off; false when the router refuses. */
  function dispatch(slot: number, now: number): boolean {
    const tokens = requests.prompt[slot]!;
    const route = router.ahead ? router.tryRoute(tokens) : router.open(tokens);
    if (route === NO_HOP) {
      refusals += 1;
      return false;
    }
    requests.route[slot] = route;
    requests.hop[slot] = -1;
    parts.passage?.entered(route);
    flying += 1;
    metrics.inFlight(1, now);
    parts.send(slot, nodeCount, now);
    return true;
  }

  function retry(now: number): void {
    for (;;) {
      const list = queues.head[preempted]! >= 0 ? preempted : waitingList;
      const slot = queues.head[list]!;
      if (slot < 0) return;
      detach(queues, list, requests, -1, slot);
      if (requests.prompt[slot]! > longest) {
        reject(slot);
      } else if (!dispatch(slot, now)) {
        if (flying > 0 || parts.passage?.goesOn() === true) {
          prepend(queues, list, requests, slot);
          return;
        }
        reject(slot); // alone, and still no room for it
      }
    }
  }

  /** Frees the route, and the KV written: `written` in the pass over hop `hop`, whole passes before. */
  function release(slot: number, hop: number, written: number, now: number): void {
    const route = requests.route[slot]!;
    const context = requests.context[slot]!;
    const fresh = requests.inPrompt[slot] === 1 ? requests.prompt[slot]! : 1;
    for (let at = router.hopCount(route) - 1; at >= 0; at -= 1) {
      const link = router.linkAt(route, at);
      const layers = layersRun[link]!;
      if (layers === 0) continue;
      const node = head[link]!;
      metrics.touch(node, now);
      let held = context * layers;
      if (at < hop) held += fresh * layers;
      else if (at === hop) held += written;
      nodes.kvUsed[node]! -= held;
    }
    const hops = router.hopCount(route);
    flying -= 1;
    metrics.inFlight(-1, now);
    for (let at = 0; at < hops; at += 1) {
      const link = router.linkAt(route, at);
      if (layersRun[link]! > 0) parts.wake(head[link]!);
    }
    parts.passage?.left(route, now);
    router.finish(route);
    requests.route[slot] = NO_HOP;
  }

  /** A request that is out of every list and without KV now is computed again, whatever it had generated. */
  function startAgain(slot: number): void {
    if (requests.inPrompt[slot] === 0) {
      requests.recomputing[slot] = 1;
      requests.prompt[slot] = requests.context[slot]! + 1;
      requests.inPrompt[slot] = 1;
    }
    requests.context[slot] = 0;
    append(queues, preempted, requests, slot);
  }

  function finish(slot: number, now: number): void {
    const stages = router.hopCount(requests.route[slot]!) - 1;
    release(slot, -1, 0, now);
    metrics.finish(now - requests.arrivedAt[slot]!, stages);
    finished += 1;
    table.give(slot);
    retry(now);
  }

  return {
    begin() {
      const { begins, lengths, traffic } = parts.input;
      if (begins === "full" && feeder.takesBack && router.ahead && traffic.kind === "offline") {
        const random = parts.lengthsRandom.fork();
        const draw = createResidents(lengths, random.fork());
        seatResidents({
          graph,
          router,
          table,
          nodes,
          draw,
          random,
          seat(slot, vertex) {
            requests.serial[slot] = arrived;
            arrived += 1;
            flying += 1;
            metrics.inFlight(1, 0);
            parts.send(slot, vertex, 0);
          },
        });
      }
      for (const time of feeder.first()) scheduleLaunch(time);
    },
    launch(now, endSeconds) {
      pendingLaunches -= 1;
      if (now >= endSeconds) return;
      const arrival = feeder.draw();
      const following = feeder.next();
      if (following !== undefined && following < endSeconds) scheduleLaunch(following);
      const slot = table.take();
      requests.prompt[slot] = arrival.promptTokens;
      requests.output[slot] = arrival.outputTokens;
      requests.arrivedAt[slot] = now;
      requests.issuedAt[slot] = now;
      requests.serial[slot] = arrived;
      arrived += 1;
      if (arrival.promptTokens > longest) {
        reject(slot);
        feeder.replace(now, scheduleLaunch);
      } else if (feeder.takesBack) {
        if (!dispatch(slot, now)) {
          arrived -= 1;
          table.give(slot);
          if (router.fitsEmpty(arrival.promptTokens)) feeder.keep();
          if (flying === 0 && pendingLaunches === 0) feeder.replace(now, scheduleLaunch);
        }
      } else if (queues.head[waitingList]! >= 0 || !dispatch(slot, now)) {
        append(queues, waitingList, requests, slot);
        if (flying === 0) retry(now);
      }
    },
    gather(slot, now) {
      const wasPrompt = requests.inPrompt[slot] === 1;
      const seconds = now - requests.issuedAt[slot]!;
      if (wasPrompt && requests.recomputing[slot] === 0) {
        metrics.prompt(requests.prompt[slot]!, seconds);
      } else {
        metrics.decode(seconds);
        requests.done[slot]! += 1;
      }
      requests.context[slot]! += wasPrompt ? requests.prompt[slot]! : 1;
      requests.inPrompt[slot] = 0;
      requests.recomputing[slot] = 0;
      const over = requests.done[slot]! >= requests.output[slot]!;
      if (over) {
        finish(slot, now);
      } else if (parts.passage?.mustLeave(requests.route[slot]!) === true) {
        requests.issuedAt[slot] = now;
        release(slot, -1, 0, now);
        startAgain(slot);
        retry(now);
      } else {
        router.step(requests.route[slot]!);
        requests.hop[slot] = -1;
        requests.issuedAt[slot] = now;
        parts.send(slot, nodeCount, now);
      }
      if (wasPrompt || over) feeder.progressed(over, router, now, scheduleLaunch);
    },
    preempt(slot, node, written, now) {
      preemptions += 1;
      metrics.preempt(node);
      release(slot, requests.hop[slot]!, written, now);
      startAgain(slot);
      if (flying === 0) retry(now);
    },
    retry,
    waiting: () => queues.count[waitingList]! + queues.count[preempted]!,
    counts: () => ({
      arrived,
      finished,
      rejected,
      inFlight: flying,
      waiting: queues.count[waitingList]! + queues.count[preempted]!,
      preemptions,
      refusals,
    }),
  };
}
