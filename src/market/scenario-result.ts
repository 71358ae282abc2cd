import type { Assumption } from "../core/model.js";
import type { PlanOutcome } from "../serving/plan/plan.js";
import type { PlacementFile } from "../formats/placement-schema.js";

/** Capacities of the minimum cut that are alike, together. */
export interface BottleneckShare {
  readonly kind: PlacementFile["bottleneck"][number]["kind"];
  /** Machine type, or the regions of a link's ends. */
  readonly where: string;
  readonly count: number;
  /** Tokens/s, summed. */
  readonly capacity: number;
}

/** What today's cluster is called among scenarios: none of them may have the name. */
export const TODAY = "today";

/** Today's cluster, which scenarios are compared with; undefined where it is not among them: another shard has it. */
export function todayOf(results: readonly ScenarioResult[]): ScenarioResult | undefined {
  return results.find(({ name }) => name === TODAY);
}

/** What a scenario came to. Tokens/s, dollars. No times: the same inputs give the same bytes. */
export interface ScenarioResult {
  readonly name: string;
  readonly outcome: PlanOutcome["kind"];
  readonly nodes: number;
  /** Absent when a machine in use has no price. */
  readonly costPerHour?: number;
  /** Watts under load of all machines, where the file says those of some and all are known. */
  readonly powerWatts?: number;
  readonly throughput: number;
  readonly upperBound?: number;
  readonly bound?: string;
  readonly gap?: number;
  readonly termination?: PlacementFile["termination"];
  /** Dollars per million tokens, prompt and output alike, at full flow. */
  readonly costPerMillionTokens?: number;
  readonly bottleneck: readonly BottleneckShare[];
  /** What the engine serves at full load, by simulation, where it was planned for that. */
  readonly served?: NonNullable<PlacementFile["served"]>;
  /** Tokens of a step, where they were asked for or chosen. */
  readonly batchTokens?: number;
  /** Dollars per million output tokens at what is served. */
  readonly costPerMillionOutputTokens?: number;
  /** The same where only a share of it is asked for. */
  readonly atLoad?: { readonly load: number; readonly costPerMillionOutputTokens: number };
  /** Goodput and latency, where the planner estimates them. */
  readonly estimate?: NonNullable<PlacementFile["estimate"]>;
  /** What its figures rest on beside the files: assumptions of the model, estimated machines. */
  readonly assumptions?: readonly Assumption[];
  /** Nodes that no links lead to and from, which stay idle. */
  readonly unlinked?: number;
  /** Why nothing was planned. */
  readonly reason?: string;
}
