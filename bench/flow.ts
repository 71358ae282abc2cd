// Push-relabel against Dinic over growing networks, and the workspace on small ones. Prints ratios.
import { findCheapestFlow } from "../src/math/flow/cheapest-flow.js";
import { solveByDinic } from "../src/math/flow/dinic.js";
import { createFlowWorkspace } from "../src/math/flow/flow-workspace.js";
import type { FlowNetwork, SolveMaxFlow } from "../src/math/flow/network.js";
import { solveByPushRelabel } from "../src/math/flow/push-relabel.js";
import { buildSteps, flowOnSteps } from "../src/math/flow/stepped-cost.js";

/** A linear congruential generator (Numerical Recipes' constants): the same networks in every run. */
function createDraw(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** Layers of vertices, source before and sink after; arcs lead to the next layer or a few further. */
function layered(width: number, layers: number, arcsPerVertex: number, seed: number): FlowNetwork {
  const draw = createDraw(seed);
  const sink = width * layers + 1;
  const arcs: [number, number, number][] = [];
  for (let v = 1; v <= width; v++) arcs.push([0, v, 10 ** (2 + 2 * draw())]);
  for (let layer = 0; layer + 1 < layers; layer++) {
    for (let i = 0; i < width * arcsPerVertex; i++) {
      const to = Math.min(layers - 1, layer + 1 + Math.floor(2 * draw() * draw()));
      const tail = 1 + layer * width + Math.floor(draw() * width);
      const head = 1 + to * width + Math.floor(draw() * width);
      arcs.push([tail, head, 10 ** (1 + 3 * draw())]);
    }
  }
  for (let v = sink - width; v < sink; v++) arcs.push([v, sink, 10 ** (2 + 2 * draw())]);
  return build(sink + 1, sink, arcs);
}

/** Arcs between random vertices, the sink last. */
function scattered(vertexCount: number, arcCount: number, seed: number): FlowNetwork {
  const draw = createDraw(seed);
  const arcs: [number, number, number][] = [];
  while (arcs.length < arcCount) {
    const tail = Math.floor(draw() * vertexCount);
    const head = Math.floor(draw() * vertexCount);
    if (tail !== head) arcs.push([tail, head, 10 ** (12 * draw())]);
  }
  return build(vertexCount, vertexCount - 1, arcs);
}

/** Machines as vertex pairs (in → out) with layer spans; arcs between machines whose spans meet. */
function clusterLike(machines: number, seed: number): FlowNetwork {
  const draw = createDraw(seed);
  const sink = 2 * machines + 1;
  const spans = Array.from({ length: machines }, () => {
    const start = Math.floor(draw() * 6);
    return { start, end: Math.min(6, start + 1 + Math.floor(draw() * 3)) };
  });
  const arcs: [number, number, number][] = [];
  spans.forEach(({ start, end }, i) => {
    arcs.push([1 + 2 * i, 2 + 2 * i, 200 + 800 * draw()]);
    if (start === 0) arcs.push([0, 1 + 2 * i, 1e6 * draw()]);
    if (end === 6) arcs.push([2 + 2 * i, sink, 1e6 * draw()]);
    spans.forEach((next, j) => {
      if (next.start <= end && end < next.end) arcs.push([2 + 2 * i, 1 + 2 * j, 400 * draw()]);
    });
  });
  return build(sink + 1, sink, arcs);
}

function build(
  vertexCount: number,
  sink: number,
  arcs: readonly (readonly [number, number, number])[],
): FlowNetwork {
  return {
    vertexCount,
    source: 0,
    sink,
    tail: Int32Array.from(arcs, ([tail]) => tail),
    head: Int32Array.from(arcs, ([, head]) => head),
    capacity: Float64Array.from(arcs, ([, , capacity]) => capacity),
  };
}

/** Milliseconds per call: the best of three batches of about 200 ms, or one call if it is longer. */
function time(call: () => void): number {
  const first = timeBatch(call, 1);
  if (first > 500) return first;
  const calls = Math.max(1, Math.round(200 / Math.max(first, 0.01)));
  return Math.min(...[0, 1, 2].map(() => timeBatch(call, calls)));
}

function timeBatch(call: () => void, calls: number): number {
  const begin = performance.now();
  for (let i = 0; i < calls; i++) call();
  return (performance.now() - begin) / calls;
}

const cases: readonly (readonly [string, FlowNetwork])[] = [
  ["cluster of 24", clusterLike(24, 1)],
  ["cluster of 42", clusterLike(42, 2)],
  ["cluster of 100", clusterLike(100, 3)],
  ["layered 10 × 20", layered(10, 20, 7, 4)],
  ["layered 50 × 40", layered(50, 40, 10, 5)],
  ["layered 200 × 50", layered(200, 50, 20, 6)],
  ["scattered", scattered(2_000, 60_000, 7)],
  ["scattered", scattered(40_000, 2_000_000, 8)],
  ["layered 400 × 100", layered(400, 100, 50, 9)],
];

const cell = (text: string | number, width: number) => String(text).padStart(width);
console.log(
  `${"network".padEnd(20)}${cell("vertices", 9)}${cell("arcs", 9)}${cell("dinic ms", 12)}` +
    `${cell("push-relabel ms", 17)}${cell("ratio", 8)}`,
);
for (const [name, network] of cases) {
  const run = (solve: SolveMaxFlow) => time(() => solve(network));
  const dinic = run(solveByDinic);
  const pushRelabel = run(solveByPushRelabel);
  const { vertexCount, tail } = network;
  console.log(
    `${name.padEnd(20)}${cell(vertexCount, 9)}${cell(tail.length, 9)}${cell(dinic.toFixed(4), 12)}` +
      `${cell(pushRelabel.toFixed(4), 17)}${cell((pushRelabel / dinic).toFixed(2), 8)}`,
  );
}

console.log("\nworkspace, µs per solve: arcs entered anew / one capacity changed / stop at half");
for (const machines of [24, 42]) {
  const { vertexCount, source, sink, tail, head, capacity } = clusterLike(machines, 1);
  const workspace = createFlowWorkspace(vertexCount, tail.length);
  const anew = time(() => {
    workspace.reset(vertexCount);
    for (let a = 0; a < tail.length; a++) workspace.addArc(tail[a]!, head[a]!, capacity[a]!);
    workspace.solve(source, sink);
  });
  let turn = 0;
  const changed = time(() => {
    workspace.setCapacity(0, capacity[0]! * (1 + (turn++ & 1)));
    workspace.solve(source, sink);
  });
  const half = workspace.solve(source, sink) / 2;
  const early = time(() => workspace.solve(source, sink, half));
  const figures = [anew, changed, early].map((ms) => (1000 * ms).toFixed(1)).join(" / ");
  console.log(`  cluster of ${machines}, ${tail.length} arcs: ${figures}`);
}

console.log("\ncheapest maximum flow with stepped costs, from the one push-relabel finds");
console.log(
  `${"network".padEnd(20)}${cell("vertices", 9)}${cell("steps", 9)}${cell("ms", 10)}${cell("cost", 8)}  finished`,
);
for (const [name, network] of cases) {
  // Latencies of 0, 40 or 60 ms and waits of up to half a second, in no order.
  const steps = buildSteps(network, (arc, share) => {
    const base = [0, 0.04, 0.06][(arc * 7919) % 3]!;
    return base === 0 ? 0 : base + share * (0.1 + 0.1 * ((arc * 31) % 5));
  });
  const start = flowOnSteps(steps, solveByPushRelabel(network).flow);
  const costOf = (flow: Float64Array) =>
    flow.reduce((sum, amount, step) => sum + amount * steps.cost[step]!, 0);
  const begin = performance.now();
  const { flow, finished } = findCheapestFlow(steps.network, start, steps.cost);
  const spent = performance.now() - begin;
  const share = `${((100 * costOf(flow)) / costOf(start)).toFixed(1)} %`;
  console.log(
    `${name.padEnd(20)}${cell(network.vertexCount, 9)}${cell(steps.cost.length, 9)}` +
      `${cell(spent.toFixed(2), 10)}${cell(share, 8)}  ${finished ? "yes" : "no"}`,
  );
}
