/** Schedulers by name. */
export const SCHEDULERS = ["helix", "swarm", "random", "shortest-queue"] as const;
export type SchedulerName = (typeof SCHEDULERS)[number];

/** What `Router.advance` and `Router.tryRoute` return when there is no hop to take. */
export const NO_HOP = -1;

/** A stage of a route: the node and the layers it runs, half-open. */
export interface RouteStage {
  readonly node: number;
  readonly layers: readonly [start: number, end: number];
}

export type RouteOutcome =
  | { readonly kind: "route"; readonly id: number; readonly stages: readonly RouteStage[] }
  /** `length`: no path takes a prompt this long, ever. `capacity`: not now; queue and try again. */
  | { readonly kind: "refused"; readonly reason: "length" | "capacity" };

/**
 * A per-request scheduler: plain data in and out, no I/O, no clock. Ids are small integers, reused
 * after `finish`. A request's decode steps keep the path of its prompt, where its KV lives.
 */
export interface Router {
  readonly name: SchedulerName;
  /** True when a route is fixed, and its KV reserved, before the prompt leaves the coordinator. */
  readonly ahead: boolean;
  /** A whole route, or why there is none. Nothing changes when it is refused. O(hops · out-degree). */
  route(promptTokens: number): RouteOutcome;
  /** `route` without objects: an id, or `NO_HOP`. */
  tryRoute(promptTokens: number): number;
  /** Whether an empty cluster has room for its KV. */
  fitsEmpty(promptTokens: number): boolean;
  /** Starts a walk at the coordinator; hops follow one at a time through `advance`. */
  open(promptTokens: number): number;
  /**
   * Chooses and takes the next hop of an open walk. Links with `busy[link] = 1` are left out.
   * @returns the link, or `NO_HOP` when every candidate is masked.
   */
  advance(id: number, busy?: Uint8Array): number;
  /** One decode step has been sent along the path of this request. O(hops). */
  step(id: number): void;
  /** The request is over: frees its reservation and its id. */
  finish(id: number): void;
  /** From now on the links carry these flows, tokens/s by link; 0: no new request takes it. Only where `ahead`. */
  reweigh?(flow: Float64Array): void;
  /** A request spent `seconds` between leaving over this link and leaving its head. */
  observe(link: number, seconds: number): void;
  /** The link of hop `hop` (0 leaves the coordinator). */
  linkAt(id: number, hop: number): number;
  hopCount(id: number): number;
  /** Share of the KV that is reserved at the scarcest layer, 0 where nothing is reserved. */
  bottleneckUse(): number;
}
