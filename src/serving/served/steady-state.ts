import { COORDINATOR, linkBetween, machineOf, type Cluster, nicOf } from "../../core/cluster.js";
import { BugError } from "../../core/errors.js";
import { HELIX } from "../../engines/helix/helix.js";
import type { LinkFlow } from "../../planner/graph/evaluate-placement.js";
import type { Placement } from "../../core/placement.js";
import { createDecodeTime, createLayerTime, type LayerTime } from "../../engines/timing.js";
import type { Calibration } from "../../engines/calibration.js";
import type { RequestMeans } from "./request-means.js";
import { traceVisits, type Visits } from "./visits.js";

/** What a placement serves when as many requests are under way as its KV caches allow. Seconds, tokens/s. */
export interface GoodputEstimate {
  readonly decodeTokensPerSecond: number;
  readonly timeToFirstToken: { readonly mean: number; readonly p95: number };
  readonly timePerOutputToken: { readonly mean: number; readonly p95: number };
  /** Requests under way. */
  readonly concurrency: number;
}

export interface GoodputModel {
  /**
   * Tens of microseconds to a millisecond.
   * @param links the placement's links with the flow on each.
   * @param most requests under way at most, where that is fewer than the KV caches allow.
   */
  estimate(placement: Placement, links: readonly LinkFlow[], most?: number): GoodputEstimate;
}

const BISECTIONS = 40;
/** Most of a node's or link's time that may be taken before waits count as endless. */
const FULL = 0.99;

/** One visit of a node: everything that does not depend on the request rate. */
interface NodeVisit {
  readonly share: number;
  readonly layers: number;
  /** Seconds of a prompt's own work, and of a decode in its crowd. */
  readonly prompt: number;
  readonly decode: number;
}

interface LinkVisit {
  readonly share: number;
  readonly latency: number;
  readonly prompt: number;
  readonly promptSquare: number;
  readonly decode: number;
}

/**
 * Little's law: with N requests under way, each there for one prompt and `output` decode round
 * trips, X · (TTFT + output · TPOT) = N, where both times grow with the request rate X. N is what
 * the KV caches hold. Solved by bisection on X. O(links + 40 · (nodes + links)) per estimate.
 */
export function createGoodputModel(
  cluster: Cluster,
  requests: RequestMeans,
  calibration: Calibration,
): GoodputModel {
  const prompts = cluster.machines.map(({ capacity }) =>
    capacity.curves === undefined ? undefined : createLayerTime(capacity.curves.promptSeconds),
  );
  const decodes = cluster.machines.map(({ capacity }) =>
    capacity.curves === undefined ? undefined : createDecodeTime(capacity.curves.decodeSeconds),
  );
  const timeOf = (times: readonly (LayerTime | undefined)[], node: number): LayerTime => {
    const time = times[cluster.nodes[node]!.machine];
    if (time === undefined) throw new BugError(`${machineOf(cluster, node).name} has no curves`);
    return time;
  };
  const expectedTokens = requests.residentPromptTokens + requests.outputTokens;

  function visitNodes(visits: Visits, concurrency: number): readonly NodeVisit[] {
    const found: NodeVisit[] = [];
    visits.share.forEach((share, node) => {
      if (share <= 0) return;
      const layers = visits.layersRun[node]!;
      const { crowd, byConcurrency, byShare } = calibration;
      const together = crowd * concurrency ** byConcurrency * share ** byShare;
      const batch = Math.max(1, Math.min(concurrency * share, together));
      found.push({
        share,
        layers,
        prompt: layers * timeOf(prompts, node)(Math.round(requests.promptTokens)),
        decode: layers * between(timeOf(decodes, node), batch),
      });
    });
    return found;
  }

  function visitLinks(visits: Visits, links: readonly LinkFlow[]): readonly LinkVisit[] {
    const found: LinkVisit[] = [];
    const { model } = cluster;
    links.forEach(({ from, to }, index) => {
      const share = visits.linkShare[index]!;
      const link = linkBetween(cluster, from, to);
      if (share <= 0 || link === undefined) return;
      const inner = from !== COORDINATOR && to !== COORDINATOR;
      const bytes = model.tokenBytes + (inner ? model.activationBytes : 0);
      const seconds =
        bytes / Math.min(link.bandwidthBytesPerSecond, nicOf(cluster, from), nicOf(cluster, to));
      found.push({
        share,
        latency: link.latencySeconds,
        prompt: requests.promptTokens * seconds,
        promptSquare: requests.promptSquare * seconds ** 2,
        decode: seconds,
      });
    });
    return found;
  }

  return {
    estimate(placement, links, most = Infinity) {
      const visits = traceVisits(cluster, placement, links, expectedTokens);
      const held = Number.isFinite(visits.concurrency)
        ? visits.concurrency
        : HELIX.offline.concurrency;
      const concurrency = Math.min(held, most);
      const nodes = visitNodes(visits, concurrency);
      const onLinks = visitLinks(visits, links);
      let low = 0;
      let high = rateLimit(nodes, onLinks, requests.outputTokens);
      let times = residences(nodes, onLinks, 0, concurrency, requests, calibration);
      if (!(high > 0) || nodes.length === 0) return nothing(concurrency);
      high = Math.min(high, concurrency / (times.prompt + requests.outputTokens * times.decode));
      for (let step = 0; step < BISECTIONS; step += 1) {
        const rate = (low + high) / 2;
        times = residences(nodes, onLinks, rate, concurrency, requests, calibration);
        if (rate * (times.prompt + requests.outputTokens * times.decode) > concurrency) high = rate;
        else low = rate;
      }
      const { tails } = calibration;
      return {
        decodeTokensPerSecond: low * requests.outputTokens,
        timeToFirstToken: { mean: times.prompt, p95: tails.timeToFirstToken * times.prompt },
        timePerOutputToken: { mean: times.decode, p95: tails.timePerOutputToken * times.decode },
        concurrency,
      };
    },
  };
}

function nothing(concurrency: number): GoodputEstimate {
  const never = { mean: Infinity, p95: Infinity };
  return {
    decodeTokensPerSecond: 0,
    timeToFirstToken: never,
    timePerOutputToken: never,
    concurrency,
  };
}

/** Requests/s at which some node's prompts or some link's transfers take all its time. */
function rateLimit(
  nodes: readonly NodeVisit[],
  links: readonly LinkVisit[],
  outputTokens: number,
): number {
  let limit = Infinity;
  for (const node of nodes) limit = Math.min(limit, FULL / (node.share * node.prompt));
  for (const link of links)
    limit = Math.min(limit, FULL / (link.share * (link.prompt + outputTokens * link.decode)));
  return limit;
}

/** Seconds of one prompt and of one decode step, coordinator to coordinator, at `rate` requests/s. */
function residences(
  nodes: readonly NodeVisit[],
  links: readonly LinkVisit[],
  rate: number,
  concurrency: number,
  requests: RequestMeans,
  calibration: Calibration,
): { readonly prompt: number; readonly decode: number } {
  let computing = 0;
  let promptWork = 0;
  for (const { share, layers, prompt, decode } of nodes) {
    const busy = rate * share * prompt;
    computing +=
      share *
      (calibration.visit * decode +
        (calibration.promptQueue * busy * prompt) / (1 - busy) +
        (calibration.promptLayer * busy * prompt) / layers);
    promptWork += share * prompt;
  }
  let decode = computing;
  let prompt = calibration.promptWork * promptWork + calibration.promptDecodes * computing;
  for (const link of links) {
    const busy = rate * link.share * (link.prompt + requests.outputTokens * link.decode);
    const queue =
      (calibration.linkQueue * rate * link.share * link.promptSquare) / (2 * (1 - busy));
    const crowd = calibration.linkCrowd * concurrency * link.share * link.decode;
    decode += link.share * (link.latency + link.decode + crowd + queue);
    prompt += link.share * (link.latency + link.prompt + queue);
  }
  return { prompt, decode };
}

/** The time of a batch size that need not be whole. */
function between(time: LayerTime, batch: number): number {
  const below = Math.floor(batch);
  const part = batch - below;
  return part === 0 ? time(below) : time(below) * (1 - part) + time(below + 1) * part;
}
