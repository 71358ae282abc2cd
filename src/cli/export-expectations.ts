import type { Cluster } from "../core/cluster.js";
import { InputError } from "../core/errors.js";
import type { Placement } from "../core/placement.js";
import type { EngineName } from "../engines/engine.js";
import { findEngine } from "../engines/engines.js";
import { EXPORT_TARGETS, type ExportTarget } from "../exchange/export/targets.js";
import type { ExportTargetName } from "../exchange/export/targets.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { simulatePlacement, type SimulateOptions } from "../serving/simulate/simulate-placement.js";
import { constraintsOf } from "./constraint-options.js";

/** Long enough for a comparison, short enough to wait for. */
const WINDOW = { warmupSeconds: 300, durationSeconds: 600 };

/**
 * What a target makes of a placement where it is not run as it was planned: by another engine's rules, or,
 * for Helix, by another maximum flow than the plan's. Sentences; none where nothing differs.
 */
export function expectOf(
  cluster: Cluster,
  placement: Placement,
  file: PlacementFile,
  target: ExportTargetName,
): readonly string[] {
  const { engine }: ExportTarget = EXPORT_TARGETS[target];
  const planned = file.engine ?? "helix";
  if (engine === undefined || (engine === planned && engine !== "helix")) return [];
  const serve = (options: SimulateOptions): number =>
    simulatePlacement(cluster, placement, {
      partialInference: file.partialInference !== false,
      constraints: constraintsOf(cluster, file),
      ...WINDOW,
      ...options,
    }).result.decodeTokensPerSecond;
  try {
    return engine === "helix" ? compareFlows(serve) : compareEngines(serve, planned, engine);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { found, expected } = error.problems[0]!;
    const { title } = findEngine(engine);
    return [
      `What ${title} serves of this placement was not simulated: found ${found}, expected ${expected}.`,
    ];
  }
}

type Serve = (options: SimulateOptions) => number;

function compareEngines(serve: Serve, planned: EngineName, engine: EngineName): readonly string[] {
  const [before, after] = [serve({ engine: planned }), serve({ engine })];
  const title = findEngine(engine).title;
  return [
    `The plan was made for ${findEngine(planned).title}, by whose rules it serves ${before.toFixed(1)} decode tokens/s in simulation; by ${title}'s it serves ${after.toFixed(1)} (${change(before, after)}). A plan with --engine ${engine} is made for what ${title} serves.`,
  ];
}

function compareFlows(serve: Serve): readonly string[] {
  const [own, other] = [serve({ engine: "helix" }), serve({ engine: "helix", anyFlow: true })];
  return [
    `By the plan's flow Helix serves ${own.toFixed(1)} decode tokens/s in simulation; by another maximum flow, such as a runtime computes that knows only capacities, ${other.toFixed(1)} (${change(own, other)}). runtime_cluster.ini leaves the plan's flow as the only maximum one.`,
  ];
}

function change(before: number, after: number): string {
  if (before === 0) return "nothing to compare with";
  const percent = 100 * (after / before - 1);
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent).toFixed(1)} %`;
}
