import type { Placement } from "../../core/placement.js";

/** What a baseline method makes of a cluster. */
export type BaselineOutcome =
  | {
      readonly kind: "placement";
      readonly placement: Placement;
      /** What was left out, and why. */
      readonly notes: readonly string[];
    }
  | { readonly kind: "impossible"; readonly reason: string };
