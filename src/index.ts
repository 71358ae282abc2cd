export type { Cluster, ClusterNode, Machine, Network, Link } from "./core/cluster.js";
export type { Model, Workload } from "./core/model.js";
export type { Capacity } from "./core/capacity.js";
export type { LayerInterval, Placement } from "./core/placement.js";
export type { PlacementFile } from "./formats/placement-schema.js";
export type { PlacementConstraints } from "./planner/problem/problem.js";
export type { Problem } from "./core/errors.js";
export { HelixPlaceError, InputError, SolverError, BugError } from "./core/errors.js";
export { loadCluster, openCluster, type LoadedCluster } from "./formats/load-cluster.js";
export { openModel, type OpenModelOptions } from "./formats/open-model.js";
export {
  importCluster,
  type ImportSources,
  type ImportedCluster,
} from "./exchange/import/import-cluster.js";
export {
  describeImportedPlacement,
  type PlacementImportRequest,
} from "./exchange/import/describe-import.js";
export { exportPlacement, type ExportOptions } from "./exchange/export/export-placement.js";
export {
  simulatePlacement,
  type SimulateOptions,
  type SimulationReport,
} from "./serving/simulate/simulate-placement.js";
export { findFront, type ParetoOptions, type ParetoOutcome } from "./serving/served/pareto.js";
export type { ServiceLimits } from "./serving/served/limits.js";
export { compare, type CompareOptions, type Comparison } from "./serving/simulate/compare.js";
export { BASELINES, placeBaseline, type BaselineName } from "./planner/starts/baselines.js";
export { createInlineSimulationCrew, createSimulationWorkers } from "./node/simulation-crew.js";
export type { SimulationCrew } from "./serving/simulate/simulation-job.js";
export { train, type TrainOptions } from "./training/train.js";
export { readTrainingJob } from "./formats/read-training-job.js";
export { readAddresses } from "./formats/read-addresses.js";
export { createHelixRouter } from "./serving/routing/helix-router.js";
export { createHopGraph } from "./serving/routing/hop-graph.js";
export { createKvReservation, type KvLimits } from "./serving/routing/kv-reservation.js";
export type { Router } from "./serving/routing/router.js";
export { checkPlacement } from "./check/check-placement.js";
export type { CheckFailure } from "./check/failure.js";
export { explainPlacement, type Explanation } from "./planner/result/explain.js";
export { readPlacementFile, placementOf } from "./formats/read-placement.js";
export { jsonSchemas } from "./formats/json-schemas.js";
export { VERSION } from "./core/version.js";
export { plan, type PlanOptions, type PlanOutcome } from "./node/library.js";
export type { SearchProgress } from "./planner/portfolio/search.js";
