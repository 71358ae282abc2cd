import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { COORDINATOR } from "../../../src/core/cluster.js";
import { createRandom } from "../../../src/core/random.js";
import {
  createRandomRouter,
  createShortestQueueRouter,
  createSwarmRouter,
} from "../../../src/serving/routing/baseline-router.js";
import { NO_HOP, type Router } from "../../../src/serving/routing/router.js";
import { createHopGraph, type HopGraph } from "../../../src/serving/routing/hop-graph.js";
import { clusterOf } from "../simulate/fixtures.js";
import { createKvReservation } from "../../../src/serving/routing/kv-reservation.js";
import { graphOf, helixOf, links, placement } from "./fixtures.js";

/** Nodes 0 and 1, 2 and 3, 2 and 4. */
const LINKS = (
  [
    [COORDINATOR, 0, 50],
    [COORDINATOR, 2, 50],
    [0, 1, 50],
    [2, 3, 30],
    [2, 4, 20],
    [1, COORDINATOR, 50],
    [3, COORDINATOR, 30],
    [4, COORDINATOR, 20],
  ] as const
).map(([from, to, flow]) => ({ from, to, flow, capacity: 1e6 }));
const LIMITS = { highWaterMark: 0.9, outputRatio: 1, meanOutputTokens: 10 };

const routers: readonly (readonly [string, (kvTokens?: number) => Router])[] = [
  ["helix", (kv) => helixOf(graphOf(kv)).router],
  ["swarm", (kv) => createSwarmRouter(graphOf(kv))],
  ["random", (kv) => createRandomRouter(graphOf(kv), createRandom(1))],
  [
    "shortest-queue",
    (kv) => createShortestQueueRouter(graphOf(kv), createRandom(1), (node) => node % 2),
  ],
];

describe.each(routers)("%s", (name, create) => {
  test("routes run every layer once, in order, on nodes that hold them", () => {
    const router = create();
    for (let request = 0; request < 500; request += 1) {
      const outcome = router.route(1 + (request % 300));
      if (outcome.kind !== "route") throw new Error("refused");
      let next = 0;
      for (const { node, layers } of outcome.stages) {
        expect(layers[0]).toBe(next);
        expect(layers[0]).toBeGreaterThanOrEqual(placement[node]![0]);
        expect(layers[1]).toBe(placement[node]![1]);
        next = layers[1];
      }
      expect(next).toBe(4);
      if (request % 3 === 0) router.step(outcome.id);
      router.finish(outcome.id);
    }
    expect(router.name).toBe(name);
  });

  test("a prompt no path takes is refused for its length, before and after others", () => {
    const router = create(500);
    expect(router.route(501)).toEqual({ kind: "refused", reason: "length" });
    expect(router.route(100).kind).toBe("route");
    expect(router.route(100_000)).toEqual({ kind: "refused", reason: "length" });
  });
});

describe("helix", () => {
  test("long-run shares are those of the flow, links under 5 % of their tail's flow left out", () => {
    const graph = graphOf();
    const { router } = helixOf(graph);
    const random = createRandom(4);
    const tokens = new Float64Array(graph.linkCount);
    for (let request = 0; request < 50_000; request += 1) {
      const prompt = 1 + random.int(1500);
      const id = router.tryRoute(prompt);
      for (let hop = 0; hop < router.hopCount(id); hop += 1)
        tokens[router.linkAt(id, hop)]! += prompt;
      router.finish(id);
    }
    for (let vertex = 0; vertex <= 5; vertex += 1) {
      const from = Array.from({ length: graph.linkCount }, (_, link) => link).filter(
        (link) => graph.tail[link] === vertex,
      );
      const total = from.reduce((sum, link) => sum + graph.flow[link]!, 0);
      const used = from.filter((link) => graph.flow[link]! >= 0.05 * total);
      const usedFlow = used.reduce((sum, link) => sum + graph.flow[link]!, 0);
      const sent = from.reduce((sum, link) => sum + tokens[link]!, 0);
      for (const link of from) {
        const expected = used.includes(link) ? graph.flow[link]! / usedFlow : 0;
        expect(Math.abs(tokens[link]! / sent - expected)).toBeLessThan(0.01);
      }
    }
  });

  test("expected KV never passes the mark, and comes back to zero", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.boolean()), { maxLength: 200 }),
        fc.integer({ min: 450, max: 3000 }),
        (moves, kvTokens) => {
          const graph = graphOf(kvTokens);
          const { router, kv } = helixOf(graph);
          const open: number[] = [];
          for (const [prompt, ends] of moves) {
            if (ends && open.length > 0) router.finish(open.shift()!);
            const id = router.tryRoute(prompt);
            if (id !== NO_HOP) open.push(id);
            for (let node = 0; node < 5; node += 1) {
              expect(kv.used(node)).toBeLessThanOrEqual(0.9 * graph.kvTokenLayers[node]! + 1e-9);
            }
          }
          for (const id of open) router.finish(id);
          for (let node = 0; node < 5; node += 1) expect(kv.used(node)).toBe(0);
          expect(router.bottleneckUse()).toBe(0);
        },
      ),
      { seed: 3, numRuns: 60 },
    );
  });

  test("a refusal changes nothing: the next routes are those of a router never asked", () => {
    const asked = helixOf(graphOf(1000));
    const other = helixOf(graphOf(1000));
    const ids = [asked.router.tryRoute(400), other.router.tryRoute(400)];
    while (asked.router.tryRoute(400) !== NO_HOP) other.router.tryRoute(400);
    for (let i = 0; i < 10; i += 1) expect(asked.router.route(880).kind).toBe("refused");
    asked.router.finish(ids[0]!);
    other.router.finish(ids[1]!);
    expect(asked.router.route(400)).toEqual(other.router.route(400));
  });

  /** Whether some way leads from a vertex to the end on which every node has room. */
  function findsWay(graph: HopGraph, fits: (node: number) => boolean, vertex: number): boolean {
    for (let link = graph.outStart[vertex]!; link < graph.outStart[vertex + 1]!; link += 1) {
      const to = graph.head[link]!;
      if (to === COORDINATOR || (fits(to) && findsWay(graph, fits, to))) return true;
    }
    return false;
  }

  test("a request is refused only where no way has room on all of its nodes; the paper's is sooner", () => {
    const refusals = [true, false].map((turnsBack) => {
      const cluster = clusterOf({ layers: 4, nodes: 5, kvTokens: 2000 });
      const graph = createHopGraph(
        cluster,
        [
          [0, 2],
          [2, 4],
          [0, 2],
          [2, 4],
          [2, 4],
        ],
        LINKS,
      );
      graph.kvTokenLayers.set([8000, 2000, 8000, 3000, 2000]);
      const { router, kv } = helixOf(graph, LIMITS, { turnsBack });
      const random = createRandom(9);
      const open: number[] = [];
      let early = 0;
      for (let request = 0; request < 3000; request += 1) {
        if (open.length > 0 && random.int(3) === 0)
          router.finish(open.splice(random.int(open.length), 1)[0]!);
        const prompt = 1 + random.int(300);
        const fits = (node: number): boolean => kv.fits(node, kv.expectedTokens(prompt));
        const possible = findsWay(graph, fits, 5);
        const id = router.tryRoute(prompt);
        if (id !== NO_HOP) open.push(id);
        else if (possible) early += 1;
        expect(id === NO_HOP || possible).toBe(true);
      }
      return early;
    });
    expect(refusals[0]).toBe(0);
    expect(refusals[1]).toBeGreaterThan(0);
  });

  test("hop by hop and at once choose the same routes", () => {
    const once = helixOf(graphOf()).router;
    const stepwise = helixOf(graphOf()).router;
    for (let request = 0; request < 100; request += 1) {
      const prompt = 1 + ((request * 37) % 500);
      const id = once.tryRoute(prompt);
      const walk = stepwise.open(prompt);
      let link = stepwise.advance(walk);
      const path = [link];
      while (graphOf().head[link] !== COORDINATOR) {
        link = stepwise.advance(walk);
        path.push(link);
      }
      expect(path).toEqual(
        Array.from({ length: once.hopCount(id) }, (_, hop) => once.linkAt(id, hop)),
      );
      once.step(id);
      stepwise.step(walk);
    }
  });
});

test("swarm turns away from slow links", () => {
  const graph = graphOf();
  const router = createSwarmRouter(graph);
  const slow = graph.outStart[5]!;
  const used = [0, 0];
  for (let request = 0; request < 1000; request += 1) {
    const id = router.tryRoute(10);
    const link = router.linkAt(id, 0);
    used[link - slow]! += 1;
    router.observe(link, link === slow ? 3 : 1);
    router.finish(id);
  }
  expect(used[1]! / used[0]!).toBeCloseTo(3, 0);
});

test("shortest queue goes where fewest wait, and waits while that link is busy", () => {
  const graph = graphOf();
  const router = createShortestQueueRouter(graph, createRandom(1), (node) => (node === 1 ? 0 : 5));
  const id = router.open(10);
  const busy = new Uint8Array(graph.linkCount);
  const toOne = Array.from(graph.head).findIndex(
    (node, link) => node === 1 && graph.tail[link] === 5,
  );
  busy[toOne] = 1;
  expect(router.advance(id, busy)).toBe(NO_HOP);
  expect(router.advance(id)).toBe(toOne);
});

test("links that lead nowhere are never taken", () => {
  expect(links.length).toBe(11);
  const graph = graphOf();
  expect(Math.min(...graph.reach)).toBeGreaterThan(0);
  expect(graph.maxHops).toBe(4);
});

test("what an empty cluster has room for is known of any number of layers", () => {
  const layers = 300_000;
  const cluster = clusterOf({ layers: 1, nodes: 1, kvTokens: 1000 });
  const graph = createHopGraph(
    cluster,
    [[0, 1]],
    [COORDINATOR, 0].map((from) => ({
      from,
      to: from === COORDINATOR ? 0 : COORDINATOR,
      flow: 1,
      capacity: 1,
    })),
  );
  const deep = {
    ...graph,
    layersHeld: Int32Array.of(layers),
    kvTokenLayers: Float64Array.of(1000 * layers),
  };
  const kv = createKvReservation(deep, Int32Array.of(0), layers, LIMITS);
  expect(kv.fitsEmpty(900)).toBe(true);
  expect(kv.fitsEmpty(901)).toBe(false);
});
