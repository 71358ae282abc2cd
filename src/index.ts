// What a program can use. docs/library.md has a short program for each part, and runs them all.

// Clusters, models and their files.
export type { Cluster, ClusterNode, Machine, Network, Link } from "./core/cluster.js";
export type { Model, Workload } from "./core/model.js";
export type { Capacity } from "./core/capacity.js";
export type { Problem } from "./core/errors.js";
export { HelixPlaceError, InputError, SolverError, BugError } from "./core/errors.js";
export type { ClusterFile } from "./formats/cluster-schema.js";
export { loadCluster, type LoadedCluster } from "./formats/load-cluster.js";
export { importCluster, openCluster, openModel } from "./node/open-files.js";
export type { OpenedModel, OpenModelOptions } from "./formats/open-model.js";
export { findModelPreset, modelPresetNames } from "./model/presets.js";
export { modelFigures, summarizeModel, type ModelFigures } from "./report/model-summary.js";
export { jsonSchemas } from "./formats/json-schemas.js";
export { VERSION } from "./core/version.js";

// Planning, and what is to be said of a plan.
export { plan } from "./node/library.js";
export type { PlanOptions, PlanOutcome } from "./serving/plan/plan.js";
export type { PlacementConstraints } from "./planner/problem/problem.js";
export type { SearchProgress } from "./planner/portfolio/search.js";
export type { LayerInterval, Placement } from "./core/placement.js";
export type { PlacementFile } from "./formats/placement-schema.js";
export { clusterOfPlacement, readPlacementFile, placementOf } from "./formats/read-placement.js";
export { checkPlacement } from "./check/check-placement.js";
export type { CheckFailure } from "./check/failure.js";
export { explainPlacement, type Explanation } from "./planner/result/explain.js";
export { describeExplanation } from "./report/explanation.js";
export { summarizePlan } from "./report/plan-summary.js";
export { drawPlacementMap } from "./report/placement-map.js";
export { renderPlanReport, type ReportOrigin } from "./report/plan-report.js";

// Changing a placement that runs.
export { replan } from "./node/library.js";
export type { ChangeReport, ReplanOptions, ReplanOutcome } from "./serving/plan/replan.js";
export { matchRunning, type RunningPlacement } from "./formats/match-running.js";
export type { ChangeFile } from "./formats/change-schema.js";
export { readChangeFile, resolveChange, type ResolvedChange } from "./formats/read-change.js";
export type { PlannedChange } from "./serving/simulate/changing-cluster.js";
export { describeSteps } from "./report/change-steps.js";

// Requests: through a placement here, or simulated.
export {
  createRouter,
  type NamedRoute,
  type NamedStage,
  type PlacementRouter,
} from "./serving/routing/create-router.js";
export type { KvLimits } from "./serving/routing/kv-reservation.js";
export type { SchedulerName } from "./serving/routing/router.js";
export {
  simulatePlacement,
  type SimulateOptions,
  type SimulationReport,
} from "./serving/simulate/simulate-placement.js";
export type { SimulationResult } from "./serving/simulate/result.js";
export type { Arrival } from "./serving/simulate/traffic.js";
export { readTrace, type Trace } from "./serving/simulate/trace-csv.js";
export { summarizeSimulation } from "./report/simulation-summary.js";
export { renderComparisonReport, renderSimulationReport } from "./report/simulation-report.js";
export { compare } from "./node/library.js";
export { BASELINES, placeBaseline, type BaselineName } from "./planner/starts/baselines.js";
export type {
  CompareOptions,
  Comparison,
  ComparisonRow,
  NamedPlacement,
} from "./serving/simulate/compare.js";
export { tabulateComparison } from "./report/simulation-comparison.js";

// Between throughput and latency.
export { findFront } from "./node/library.js";
export type { ParetoOptions, ParetoOutcome } from "./serving/plan/find-front.js";
export { describeJudged } from "./serving/served/describe-judged.js";
export { drawFront, frontPointOf, tabulateFront, type FrontPoint } from "./report/pareto-front.js";
export { renderParetoReport } from "./report/pareto-report.js";
export type { ServiceLimits } from "./serving/served/limits.js";

// What if: other machines, what to buy, what one more of anything is worth.
export { buyMachines, findMarginalValues, planScenarios } from "./node/what-if-library.js";
export { readPriceList, type PriceList } from "./formats/price-list-schema.js";
export { parseScenario, type Change, type Scenario } from "./market/change.js";
export { listGridScenarios, parseGrid, type GridAxis } from "./market/grid.js";
export type { MarginalValues } from "./market/marginal-values.js";
export type { MarginalValue } from "./market/marginal-value.js";
export type { Goal, Purchase, PurchaseLimits } from "./market/purchase.js";
export type { ScenarioPlanning } from "./market/scenario.js";
export type { ScenarioResult } from "./market/scenario-result.js";
export type { Today, WhatIfOptions } from "./market/today.js";
export { tabulateMarginalValues } from "./report/what-if-marginal.js";
export { summarisePurchase } from "./report/what-if-purchase.js";
export { renderPurchaseReport } from "./report/purchase-report.js";
export { renderWhatIfReport } from "./report/what-if-report.js";
export { listScenarios, selectFront, tabulateScenarios } from "./report/what-if-table.js";

// From and to other programs.
export type { ImportSources, ImportedCluster } from "./exchange/import/import-cluster.js";
export {
  describeImportedPlacement,
  type PlacementImportRequest,
} from "./exchange/import/describe-import.js";
export { exportPlacement, type ExportOptions } from "./exchange/export/export-placement.js";
export { servedByChain } from "./serving/plan/served-by-chain.js";
export type { ExportFile, ExportOutcome, Refusal } from "./exchange/export/outcome.js";
export { EXPORT_TARGETS, type ExportTargetName } from "./exchange/export/targets.js";
export { readAddresses } from "./formats/read-addresses.js";

// Training.
export { readTrainingJob } from "./formats/read-training-job.js";
export { train, DEFAULT_TRAIN_OPTIONS, type TrainOptions } from "./training/train.js";
export type { TrainingJob } from "./training/training-job.js";
export type { TrainingPlan } from "./training/training-plan.js";
export type { TrainResult } from "./training/train-result.js";
export { formatTrainingTable } from "./report/training-table.js";
export { drawTimeline } from "./report/train-timeline.js";
export { TRAINING_LAUNCHERS, type Launcher } from "./exchange/launch/training-launchers.js";
