import type { Random } from "../../core/random.js";
import type { NodeState } from "../../engines/node-state.js";
import type { RequestTable } from "../../engines/requests.js";
import type { HopGraph } from "../routing/hop-graph.js";
import { NO_HOP, type Router } from "../routing/router.js";
import type { Resident } from "./residents.js";

/** Residents at most, where hardly anything is as large as the memory. */
const MOST = 100_000;

interface Seats {
  readonly graph: HopGraph;
  readonly router: Router;
  readonly table: RequestTable;
  readonly nodes: NodeState;
  readonly draw: () => Resident;
  /** Where on its way each one is. */
  readonly random: Random;
  /** Takes a request that sits at a vertex, its KV written up to there, and sends it on. */
  readonly seat: (slot: number, vertex: number) => void;
}

/**
 * Lets requests in that are some way through their answers, and as far along their routes as chance has it: all of them at
 * the first node would go round together for long. They come in until the router refuses one, or one finds no room. Only with
 * routes fixed ahead. O(residents · stages).
 */
export function seatResidents(seats: Seats): void {
  const { graph, router, table, nodes, draw, random, seat } = seats;
  const { head, layersRun, nodeCount } = graph;
  const { of } = table;
  for (let seated = 0; seated < MOST; seated += 1) {
    const { promptTokens, outputTokens, decoded } = draw();
    const route = router.tryRoute(promptTokens);
    if (route === NO_HOP) return;
    const links = Array.from({ length: router.hopCount(route) - 1 }, (_, hop) =>
      router.linkAt(route, hop),
    );
    const done = random.int(links.length);
    const held = (hop: number): number =>
      (promptTokens + decoded + (hop < done ? 1 : 0)) * layersRun[links[hop]!]!;
    const full = links.some(
      (link, hop) => nodes.kvUsed[head[link]!]! + held(hop) > nodes.kvCapacity[head[link]!]!,
    );
    if (full) {
      router.finish(route);
      return;
    }
    links.forEach((link, hop) => {
      nodes.kvUsed[head[link]!]! += held(hop);
    });
    const slot = table.take();
    of.prompt[slot] = promptTokens;
    of.output[slot] = outputTokens;
    of.done[slot] = decoded;
    of.inPrompt[slot] = 0;
    of.context[slot] = promptTokens + decoded;
    of.arrivedAt[slot] = 0;
    of.issuedAt[slot] = 0;
    of.route[slot] = route;
    of.hop[slot] = done - 1;
    seat(slot, done === 0 ? nodeCount : head[links[done - 1]!]!);
  }
}
