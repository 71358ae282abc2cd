import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Cluster, Link } from "../../src/core/cluster.js";
import { findObstacle } from "../../src/planner/problem/feasibility.js";
import { UNCONSTRAINED } from "../../src/planner/problem/problem.js";
import { findReachableRoom, type WayGraph } from "../../src/planner/problem/reachable-room.js";

/** The most room on any way, by walking them all. */
function walk({ room, entry, exit, next, mostNodes }: WayGraph): number {
  let best = 0;
  const visit = (node: number, passed: ReadonlySet<number>, layers: number): void => {
    if (passed.size > mostNodes) return;
    if (exit[node]!) best = Math.max(best, layers);
    for (const head of next[node]!)
      if (!passed.has(head)) visit(head, new Set([...passed, head]), layers + room[head]!);
  };
  room.forEach((layers, node) => {
    if (entry[node]!) visit(node, new Set([node]), layers);
  });
  return best;
}

const graphOf = (size: number) =>
  fc
    .record({
      room: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: size, maxLength: size }),
      gates: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: size, maxLength: size }),
      links: fc.array(
        fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.integer({ min: 0, max: size - 1 })),
        { maxLength: size + 3 },
      ),
      mostNodes: fc.constantFrom(2, Infinity, Infinity),
    })
    .map(({ room, gates, links, mostNodes }): WayGraph => ({
      room,
      entry: gates.map((gate) => gate > 5),
      exit: gates.map((gate) => gate % 3 === 0),
      next: room.map((_, from) => [
        ...new Set(links.filter(([a, b]) => a === from && b !== from).map(([, b]) => b)),
      ]),
      mostNodes,
    }));

test("few nodes: the room is that of the best of all ways", () => {
  fc.assert(
    fc.property(graphOf(7), (graph) => {
      const found = findReachableRoom(graph);
      expect(found.layers).toBe(walk(graph));
      expect(found.nodes.reduce((sum, node) => sum + graph.room[node]!, 0)).toBe(found.layers);
    }),
    { seed: 7, numRuns: 2000 },
  );
});

test("more nodes: no way has more room than the bound says", () => {
  let tight = 0;
  fc.assert(
    fc.property(graphOf(16), (graph) => {
      const found = findReachableRoom(graph);
      const best = walk(graph);
      expect(found.layers).toBeGreaterThanOrEqual(best);
      if (found.layers === best) tight++;
    }),
    { seed: 8, numRuns: 1000 },
  );
  expect(tight).toBeGreaterThan(300);
});

const link: Link = { bandwidthBytesPerSecond: 1e6, latencySeconds: 0 };

/** Nodes that the coordinator reaches, linked with each other as given, four layers each. */
function spokes(count: number, layers: number, pairs: readonly [number, number][]): Cluster {
  const exceptions = new Map<number, Map<number, Link | undefined>>();
  const add = (from: number, to: number): void => {
    exceptions.set(from, (exceptions.get(from) ?? new Map()).set(to, link));
  };
  for (let node = 0; node < count; node++) {
    add(-1, node);
    add(node, -1);
  }
  for (const [from, to] of pairs) {
    add(from, to);
    add(to, from);
  }
  const workload = { name: "w", promptTokens: 1, outputTokens: 1 };
  const size = { layerBytes: 1, activationBytes: 1, tokenBytes: 1, kvBytesPerToken: 1 };
  const capacity = { maxLayers: 4, tokensPerSecond: [4, 3, 2, 1], source: "given" as const };
  return {
    name: "spokes",
    model: { name: "m", layers, ...size },
    workload,
    machines: [{ name: "m", capacity, nicBytesPerSecond: Infinity, gpus: 1 }],
    nodes: Array.from({ length: count }, (_, at) => ({ id: `n${at}`, machine: 0, region: 0 })),
    regions: ["here"],
    network: { byRegion: [[undefined]], exceptions },
    coordinator: { region: 0, nicBytesPerSecond: Infinity },
  };
}

test.each([2, 9, 40, 400])("%i nodes without links: what is reached, and a link that does", (n) => {
  const cluster = spokes(n, 8, []);
  const problem = { cluster, partialInference: true, constraints: UNCONSTRAINED };
  const obstacle = findObstacle(problem);
  expect(obstacle?.reason).toContain("holds 4 of the 8 layers");
  expect(obstacle?.remedy).toMatch(/Enough would be a link n\d+ ↔ n\d+ /u);
  expect(obstacle?.missingLayers).toBe(4);
  const [, a, b] = /n(\d+) ↔ n(\d+)/u.exec(obstacle!.remedy)!;
  const mended = spokes(n, 8, [[Number(a), Number(b)]]);
  expect(findObstacle({ ...problem, cluster: mended })).toBeUndefined();
});

test("a star of forty: a way passes the hub once", () => {
  const pairs = Array.from({ length: 39 }, (_, at): [number, number] => [0, at + 1]);
  const reachable = spokes(40, 12, pairs);
  const beyond = spokes(40, 13, pairs);
  const problem = { partialInference: true, constraints: UNCONSTRAINED };
  expect(findObstacle({ ...problem, cluster: reachable })).toBeUndefined();
  expect(findObstacle({ ...problem, cluster: beyond })?.reason).toContain("12 of the 13 layers");
});

test("depth and pins count", () => {
  const pairs: [number, number][] = [
    [0, 1],
    [1, 2],
  ];
  const cluster = spokes(3, 12, pairs);
  const free = { cluster, partialInference: true, constraints: UNCONSTRAINED };
  expect(findObstacle(free)).toBeUndefined();
  const shallow = { ...free, constraints: { ...UNCONSTRAINED, maxDepth: 2 } };
  expect(findObstacle(shallow)?.reason).toContain("8 of the 12");
  const pinned = {
    ...free,
    constraints: { ...UNCONSTRAINED, pins: new Map([[1, [0, 2] as const]]) },
  };
  expect(findObstacle(pinned)?.reason).toContain("10 of the 12");
});

test("more layers than any plan is made for are an error of the file", () => {
  const cluster = spokes(1, 20_000, []);
  const capacity = { maxLayers: 20_000, tokensPerSecond: [1], source: "given" as const };
  const deep = { ...cluster, machines: [{ ...cluster.machines[0]!, capacity }] };
  const problem = { cluster: deep, partialInference: true, constraints: UNCONSTRAINED };
  expect(() => findObstacle(problem)).toThrow("model.layers");
});
