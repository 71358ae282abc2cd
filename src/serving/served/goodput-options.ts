import type { Placement } from "../../core/placement.js";
import type { EngineAsked } from "../../engines/choose-engine.js";
import type { BatchingName } from "../../engines/helix/batchings.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import type { SolverName } from "../../math/lp/solver.js";
import type { SearchPorts, SearchProgress } from "../../planner/portfolio/search.js";
import type { SimulationCrew } from "../simulate/simulation-job.js";
import type { JudgedPlacement } from "./goodput-trials.js";
import type { ServiceLimits } from "./limits.js";
import type { ScoredPlacement } from "./refine.js";

export interface GoodputOptions {
  readonly timeLimitSeconds: number;
  readonly iterationLimit: number | undefined;
  readonly gap: number;
  readonly seed: number;
  readonly solver: SolverName;
  readonly threads: number;
  readonly warmStart: Placement | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: SearchProgress) => void) | undefined;
  readonly batching: BatchingName;
  /** What runs the trials. */
  readonly engine: EngineAsked;
  readonly limits: ServiceLimits;
  /** Placements that stand on trial as they are, beside the warm start. */
  readonly starts: readonly Placement[];
  /** The figures of goodput are those of a default simulation; for what is served the caller makes the last runs. */
  readonly objective: "goodput" | "served";
}

export interface GoodputPorts extends SearchPorts {
  /** Absent = simulations run in the calling thread. */
  readonly startSimulations?: (threads: number) => SimulationCrew;
}

export interface GoodputResult {
  /** Undefined when no placement with any throughput was found. */
  readonly judged: JudgedPlacement | undefined;
  /** An interrupt came before the first simulation ended: the best by the steady-state model. */
  readonly unjudged?: ScoredPlacement;
  /** 0 when every limit is kept. */
  readonly oversteps: number;
  /** Of the flow, in tokens/s. */
  readonly upperBound: number;
  readonly boundName: string;
  readonly termination: PlacementFile["termination"];
  readonly log: PlacementFile["solve"]["strategies"];
  readonly versions: Readonly<Record<string, string>>;
}
