import { COORDINATOR } from "../../core/cluster.js";
import type { LinkFlow } from "../../planner/graph/evaluate-placement.js";
import type { HopGraph } from "../routing/hop-graph.js";
import type { Router } from "../routing/router.js";
import type { Passage } from "./coordinator.js";
import type { EventHeap } from "./event-heap.js";
import { EVENT, encodeEvent } from "./events.js";
import type { Links } from "./links.js";
import type { ChangeRun } from "./result.js";
import type { SimulatedChange } from "./simulation-input.js";

/** Takes the steps of a change in a run, and knows who is on which node. */
export interface RunningChange {
  readonly passage: Passage;
  /** Schedules the first step. */
  begin(): void;
  /** An event of the change: its number says the step and what of it. */
  goOn(index: number, now: number): void;
  report(): ChangeRun;
}

interface Parts {
  readonly graph: HopGraph;
  readonly router: Router;
  readonly links: Links;
  readonly heap: EventHeap;
}

/** What may happen in a step: it starts, whoever is still on its nodes must leave, its nodes are back. */
const HAPPENS = ["start", "leave", "back"] as const;

/**
 * A step: new requests take the links of `during`; those under way may finish for a while, then they leave
 * their nodes as soon as the token under way is there; the last one gone, the nodes load; then the links are those of
 * `after`, and the next step starts.
 */
export function createChangeRun(change: SimulatedChange, parts: Parts): RunningChange {
  const { graph, router, links, heap } = parts;
  const { head, layersRun, nodeCount } = graph;
  const on = new Int32Array(nodeCount);
  const leaving = new Uint8Array(nodeCount);
  const steps = change.steps.map(() => ({
    startSeconds: Infinity,
    emptySeconds: Infinity,
    endSeconds: Infinity,
    underWay: 0,
    recomputed: 0,
  }));
  let current = -1;
  let forced = false;

  function eachNode(route: number, visit: (node: number) => void): void {
    for (let hop = router.hopCount(route) - 1; hop >= 0; hop -= 1) {
      const link = router.linkAt(route, hop);
      if (layersRun[link]! > 0) visit(head[link]!);
    }
  }

  function isLeaving(route: number): boolean {
    let found = false;
    eachNode(route, (node) => (found ||= leaving[node] === 1));
    return found;
  }

  function push(time: number, step: number, what: (typeof HAPPENS)[number]): void {
    heap.push(time, encodeEvent(EVENT.change, step * HAPPENS.length + HAPPENS.indexOf(what)));
  }

  function open(flows: readonly LinkFlow[]): void {
    const flow = flowByLink(graph, flows);
    router.reweigh?.(flow);
    links.reshare(flow);
  }

  function loadWhenEmpty(now: number): void {
    const step = steps[current];
    if (step === undefined || step.emptySeconds < Infinity) return;
    if (change.steps[current]!.leaving.some((node) => on[node]! > 0)) return;
    step.emptySeconds = now;
    push(now + change.steps[current]!.seconds, current, "back");
  }

  function start(index: number, now: number): void {
    current = index;
    forced = false;
    const step = change.steps[index]!;
    steps[index]!.startSeconds = now;
    for (const node of step.leaving) {
      leaving[node] = 1;
      // A request on two nodes of the step counts on both.
      steps[index]!.underWay += on[node]!;
    }
    open(step.during);
    push(now + change.drainSeconds, index, "leave");
    loadWhenEmpty(now);
  }

  return {
    passage: {
      entered: (route) => eachNode(route, (node) => (on[node]! += 1)),
      left(route, now) {
        eachNode(route, (node) => (on[node]! -= 1));
        loadWhenEmpty(now);
      },
      mustLeave(route) {
        if (!forced || !isLeaving(route)) return false;
        steps[current]!.recomputed += 1;
        return true;
      },
      goesOn: () => steps.some(({ endSeconds }) => endSeconds === Infinity),
    },
    begin() {
      if (change.steps.length > 0) push(change.atSeconds, 0, "start");
    },
    goOn(index, now) {
      const step = Math.floor(index / HAPPENS.length);
      switch (HAPPENS[index % HAPPENS.length]!) {
        case "start":
          start(step, now);
          break;
        case "leave":
          if (step === current) forced = true;
          break;
        case "back":
          steps[step]!.endSeconds = now;
          open(change.steps[step]!.after);
          if (step + 1 < steps.length) start(step + 1, now);
      }
    },
    report: () => ({ steps, complete: steps.every(({ endSeconds }) => endSeconds < Infinity) }),
  };
}

/** Tokens/s by link of the graph; 0 for links that are not among the given. */
function flowByLink(graph: HopGraph, flows: readonly LinkFlow[]): Float64Array {
  const vertexOf = (node: number): number => (node === COORDINATOR ? graph.nodeCount : node);
  const known = new Map(flows.map(({ from, to, flow }) => [`${vertexOf(from)} ${to}`, flow]));
  return graph.flow.map((_, link) => known.get(`${graph.tail[link]!} ${graph.head[link]!}`) ?? 0);
}
