// What a web page can use: `helix-place/browser`. Pure, but for the clock and the solver it loads.
// test/web/browser.test.ts bundles it and plans in a real browser.

export { createBrowserPorts, type BrowserOptions } from "./browser-ports.js";

// Clusters, models and their files.
export type { Cluster } from "../core/cluster.js";
export type { Problem } from "../core/errors.js";
export { HelixPlaceError, InputError, SolverError, BugError } from "../core/errors.js";
export { VERSION } from "../core/version.js";
export type { ClusterFile } from "../formats/cluster-schema.js";
export type { FileSource } from "../formats/file-source.js";
export { loadCluster, openCluster, type LoadedCluster } from "../formats/load-cluster.js";
export { openModel, type OpenedModel, type OpenModelOptions } from "../formats/open-model.js";
export { findModelPreset, modelPresetNames } from "../model/presets.js";
export { gpuNames } from "../hardware/find-gpu.js";

// Planning, and what is to be said of a plan. Ports come last: `createBrowserPorts`.
export { plan, type PlanOptions, type PlanOutcome } from "../serving/plan/plan.js";
export type { SearchProgress } from "../planner/portfolio/search.js";
export type { LayerInterval, Placement } from "../core/placement.js";
export type { PlacementFile } from "../formats/placement-schema.js";
export { clusterOfPlacement, readPlacementFile, placementOf } from "../formats/read-placement.js";
export { checkPlacement } from "../check/check-placement.js";
export { explainPlacement } from "../planner/result/explain.js";
export { describeExplanation } from "../report/explanation.js";
export { summarizePlan } from "../report/plan-summary.js";
export { drawPlacementMap } from "../report/placement-map.js";
export { renderPlanReport } from "../report/plan-report.js";

// Requests, simulated.
export { simulatePlacement, type SimulateOptions } from "../serving/simulate/simulate-placement.js";
export { summarizeSimulation } from "../report/simulation-summary.js";
export { renderSimulationReport } from "../report/simulation-report.js";

// From and to other programs, files as data.
export { importCluster, type ImportSources } from "../exchange/import/import-cluster.js";
export { exportPlacement, type ExportOptions } from "../exchange/export/export-placement.js";
export type { ExportFile, ExportOutcome } from "../exchange/export/outcome.js";
export { EXPORT_TARGETS, type ExportTargetName } from "../exchange/export/targets.js";
