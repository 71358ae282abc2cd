import { HELIX } from "../../engines/helix/helix.js";

/** A request as it arrives: seconds from the start, tokens. */
export interface Arrival {
  readonly atSeconds: number;
  readonly promptTokens: number;
  /** Tokens to generate; 0 ends the request with its prompt. */
  readonly outputTokens: number;
}

/** How requests come in. */
export type Traffic =
  /**
   * As many requests as the cluster takes (Helix artifact): `initial` of them 0.1 s apart; then one
   * more, 0.1 s later, after each finished prompt or request while the expected KV use at the
   * scarcest layer is at most `feedMark`. Schedulers that know no KV, and all
   * where no KV capacity is known, keep `concurrency` requests under way instead. A launch that the
   * router refuses is taken back, and the next one is of the same request: else short ones would be served for long ones.
   */
  | {
      readonly kind: "offline";
      readonly initial: number;
      readonly feedMark: number;
      readonly concurrency: number;
    }
  /** Requests arrive on their own, prompt and output tokens together at this rate; see `createArrivals`. */
  | { readonly kind: "online"; readonly tokensPerSecond: number }
  /** These requests, by ascending time. */
  | { readonly kind: "trace"; readonly arrivals: readonly Arrival[] };

/** The paper's offline load. */
export const OFFLINE = { kind: "offline", ...HELIX.offline } as const satisfies Traffic;
