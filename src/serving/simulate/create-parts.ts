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
      const kv = createKvReservation(graph, firstLayer, layers, limits);
      return createHelixRouter(graph, kv, {
        leastShare: input.leastFlowShare,
        turnsBack: input.turnsBack,
      });
    }
    case "swarm":
      return createSwarmRouter(graph);
    case "random":
      return createRandomRouter(graph, random);
    case "shortest-queue":
      return createShortestQueueRouter(graph, random, waiting);
  }
}
