/**
 * Speed and fairness of the Helix router on the paper's 24-node placement.
 * npm run bench:build && HELIX_REFERENCE=<folder> node build/bench/router.js
 */
import { createRandom } from "../src/core/random.js";
import { HELIX } from "../src/engines/helix/helix.js";
import { createHelixRouter } from "../src/serving/routing/helix-router.js";
import { createHopGraph } from "../src/serving/routing/hop-graph.js";
import { createKvReservation } from "../src/serving/routing/kv-reservation.js";
import { NO_HOP } from "../src/serving/routing/router.js";
import { conversation, publishedPlacement, referenceCluster, usedLinks } from "./reference.js";

const REQUESTS = 1_000_000;
/** The scheduler as the paper has it. */
const PAPER = { leastShare: HELIX.leastFlowShare, turnsBack: false };

const cluster = referenceCluster("helix-single24-llama-2-70b", "profile-curves-llama-2-70b.json");
const placement = publishedPlacement(cluster);
const graph = createHopGraph(cluster, placement, usedLinks(cluster, placement));
const firstLayer = Int32Array.from(placement, (interval) => interval?.[0] ?? 0);
const kvOf = (share: number): ReturnType<typeof createKvReservation> =>
  createKvReservation(graph, firstLayer, cluster.model.layers, {
    highWaterMark: share,
    outputRatio: 1,
    meanOutputTokens: 240,
  });

const random = createRandom(1);
const prompts = Float64Array.from({ length: 4096 }, () => {
  conversation.draw(random);
  return conversation.promptTokens;
});

function seconds(work: () => void): number {
  const start = process.cpuUsage().user;
  work();
  return (process.cpuUsage().user - start) / 1e6;
}

function report(name: string, count: number, hops: number, time: number): void {
  const perSecond = (amount: number): string => Math.round(amount / time).toLocaleString("en-US");
  console.log(`${name}: ${perSecond(count)} routes/s, ${perSecond(hops)} hop decisions/s`);
}

/** A full cluster: up to 600 requests under way, each new one takes the place of the oldest. */
function churn(asObjects: boolean): void {
  const kv = kvOf(0.85);
  const router = createHelixRouter(graph, kv, PAPER);
  const open = new Int32Array(600).fill(NO_HOP);
  let routed = 0;
  let refused = 0;
  let hops = 0;
  let overMark = 0;
  const time = seconds(() => {
    for (let request = 0; request < REQUESTS; request += 1) {
      const at = request % open.length;
      if (open[at] !== NO_HOP) router.finish(open[at]!);
      const prompt = prompts[request & 4095]!;
      let id = NO_HOP;
      if (asObjects) {
        const outcome = router.route(prompt);
        if (outcome.kind === "route") id = outcome.id;
      } else {
        id = router.tryRoute(prompt);
      }
      open[at] = id;
      if (id === NO_HOP) refused += 1;
      else {
        routed += 1;
        hops += router.hopCount(id);
      }
    }
  });
  for (let node = 0; node < graph.nodeCount; node += 1) {
    if (kv.used(node) > 0.85 * graph.kvTokenLayers[node]! + 1e-6) overMark += 1;
  }
  report(asObjects ? "route (plain objects)" : "tryRoute (ids)", routed, hops, time);
  console.log(`  ${refused} refused, ${overMark} nodes over the mark at the end`);
}

function steps(): void {
  const router = createHelixRouter(graph, kvOf(0.85), PAPER);
  const id = router.tryRoute(700);
  const count = 3_000_000;
  const time = seconds(() => {
    for (let step = 0; step < count; step += 1) router.step(id);
  });
  console.log(
    `decode steps: ${Math.round(count / time).toLocaleString("en-US")} /s of ${router.hopCount(id)} hops`,
  );
}

/** Largest distance between the share of tokens sent over a link and its share of the flow. */
function shares(): void {
  const router = createHelixRouter(graph, kvOf(Infinity), PAPER);
  const tokens = new Float64Array(graph.linkCount);
  for (let request = 0; request < REQUESTS; request += 1) {
    const prompt = prompts[random.int(4096)]!;
    const id = router.tryRoute(prompt);
    for (let hop = 0; hop < router.hopCount(id); hop += 1)
      tokens[router.linkAt(id, hop)]! += prompt;
    router.finish(id);
  }
  let ofTail = 0;
  let ofAll = 0;
  let masked = 0;
  const sent = tokens.slice(graph.outStart[graph.nodeCount]!).reduce((a, b) => a + b, 0);
  const flow = graph.flow.slice(graph.outStart[graph.nodeCount]!).reduce((a, b) => a + b, 0);
  for (let vertex = 0; vertex <= graph.nodeCount; vertex += 1) {
    const [from, to] = [graph.outStart[vertex]!, graph.outStart[vertex + 1]!];
    const total = (values: Float64Array): number =>
      values.slice(from, to).reduce((a, b) => a + b, 0);
    for (let link = from; link < to; link += 1) {
      if (tokens[link] === 0) masked += 1;
      const share = tokens[link]! / total(tokens) - graph.flow[link]! / total(graph.flow);
      ofTail = Math.max(ofTail, Math.abs(share));
      ofAll = Math.max(ofAll, Math.abs(tokens[link]! / sent - graph.flow[link]! / flow));
    }
  }
  const percent = (value: number): string => `${(100 * value).toFixed(3)} %`;
  console.log(
    `shares over ${REQUESTS.toLocaleString("en-US")} requests, ${graph.linkCount} links (${masked} below 5 % of their tail, unused): at most ${percent(ofTail)} off among the links of one tail, ${percent(ofAll)} of all traffic`,
  );
}

churn(false);
churn(true);
steps();
shares();
