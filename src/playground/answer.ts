import type { Assumption } from "../core/model.js";
import type { Problem } from "../core/errors.js";
import type { ClusterFile } from "../formats/cluster-schema.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import type { BoughtMachines } from "../market/purchase.js";
import type { ScenarioResult } from "../market/scenario-result.js";

/** Where a search stands. */
export interface Step {
  /** Since the question was asked. */
  readonly seconds: number;
  /** Tokens/s; undefined before there is a placement. */
  readonly throughput: number | undefined;
  readonly upperBound: number;
}

/** What is to be seen of a plan. Pictures are SVG. */
export interface PlanView {
  readonly result: ScenarioResult;
  readonly file: PlacementFile;
  readonly map: string;
  readonly flow: string;
  /** Machines that hold nothing, by type. */
  readonly idle: readonly { readonly machine: string; readonly count: number }[];
  readonly assumptions: readonly Assumption[];
}

/** What to buy. */
export interface Advice {
  /** "Best mix for 20.00 $/h". */
  readonly title: string;
  readonly mix: readonly BoughtMachines[];
  readonly sentences: readonly string[];
  /** The fleet with it; none where nothing on offer does it. */
  readonly file?: ClusterFile;
}

/** What a worker tells. Of a plan's answers the last one has `last`. */
export type Answer =
  | { readonly kind: "step"; readonly step: Step }
  | { readonly kind: "plan"; readonly view: PlanView; readonly last: boolean }
  /** No plan, and why. */
  | { readonly kind: "none"; readonly reason: string; readonly last: boolean }
  /** The cluster makes no sense as it stands. */
  | { readonly kind: "problems"; readonly source: string; readonly problems: readonly Problem[] }
  | { readonly kind: "purchase"; readonly advice: Advice }
  | { readonly kind: "failed"; readonly message: string };
