import type { Random } from "../../core/random.js";
import {
  createRandomRouter,
  createShortestQueueRouter,
  createSwarmRouter,
} from "../routing/baseline-router.js";
import { createHelixRouter } from "../routing/helix-router.js";
import type { HopGraph } from "../routing/hop-graph.js";
import { createKvReservation } from "../routing/kv-reservation.js";
import type { Router } from "../routing/router.js";
import type { Batching } from "./batching.js";
import { createContinuousBatching, DEFAULT_BATCH_TOKENS } from "./continuous-batching.js";
import { createLayerwiseBatching, DEFAULT_DECODE_ROUNDS } from "./layerwise-batching.js";
import type { NodeState } from "./node-state.js";
import type { Queues } from "./queues.js";
import type { Requests } from "./requests.js";
import type { SimulationInput } from "./simulation-input.js";

/** The scheduler that the input names. */
export function createScheduler(
  input: SimulationInput,
  graph: HopGraph,
  random: Random,
  waiting: (node: number) => number,
): Router {
  switch (input.scheduler) {
    case "helix": {
      const firstLayer = Int32Array.from(input.placement, (interval) => interval?.[0] ?? 0);
      const { highWaterMark, outputRatio, meanOutputTokens } = input;
      const limits = { highWaterMark, outputRatio, meanOutputTokens };
      const layers = input.cluster.model.layers;
      return createHelixRouter(graph, createKvReservation(graph, firstLayer, layers, limits));
    }
    case "swarm":
      return createSwarmRouter(graph);
    case "random":
      return createRandomRouter(graph, random);
    case "shortest-queue":
      return createShortestQueueRouter(graph, random, waiting);
  }
}

/** The batching policy that the input names. */
export function createBatching(
  input: SimulationInput,
  nodes: NodeState,
  queues: Queues,
  requests: Requests,
): Batching {
  const bytes = input.cluster.model.activationBytes;
  switch (input.batching) {
    case "layerwise":
      return createLayerwiseBatching(nodes, queues, requests, bytes);
    case "decode-first": {
      const rounds = input.decodeRounds ?? DEFAULT_DECODE_ROUNDS;
      return createLayerwiseBatching(nodes, queues, requests, bytes, rounds);
    }
    case "continuous": {
      const tokens = input.batchTokens ?? DEFAULT_BATCH_TOKENS;
      return createContinuousBatching(nodes, queues, requests, bytes, tokens);
    }
  }
}
