import { nodeId, type Cluster } from "../core/cluster.js";
import { InputError } from "../core/errors.js";
import type { Placement } from "../core/placement.js";
import { describeSettings, type EngineChoice, type EngineName } from "../core/engine-choice.js";
import { findEngine } from "../engines/engines.js";
import { listForeign } from "../engines/run-together.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import {
  simulatePlacement,
  type SimulateOptions,
  type SimulationReport,
} from "../serving/simulate/simulate-placement.js";
import { describeRejected } from "../report/simulation-summary.js";
import { constraintsOf } from "../planner/result/constraints-of.js";

/** Long enough for a comparison, short enough to wait for. */
const WINDOW = { warmupSeconds: 300, durationSeconds: 600 };

/** Nodes that are named. */
const MOST_NAMED = 8;

/** A placement that is handed to an engine. */
export interface Handed {
  /** The cluster as it was planned for, and with the engine that is to run it. */
  readonly planned: Cluster;
  readonly exported: Cluster;
  readonly placement: Placement;
  readonly file: PlacementFile;
}

/**
 * What an engine makes of a placement where it is not run as it was planned: by another engine's rules, or,
 * for Helix, by another maximum flow than the plan's. Sentences; none where nothing differs.
 */
export function expectOf(handed: Handed, engine: EngineName): readonly string[] {
  const { planned, exported } = handed;
  const same = describeRules(planned.engine) === describeRules(exported.engine);
  if (same && engine !== "helix") return [];
  try {
    return engine === "helix" ? compareFlows(handed) : compareEngines(handed);
  } catch (error) {
    return [describeUnsimulated(error, engine)];
  }
}

/** Why the engine cannot be simulated with a placement. @throws whatever else `error` is. */
export function describeUnsimulated(error: unknown, engine: EngineName): string {
  if (!(error instanceof InputError)) throw error;
  const { found, expected } = error.problems[0]!;
  const { title } = findEngine(engine);
  return `What ${title} serves of this placement was not simulated: found ${found}, expected ${expected}.`;
}

function serve(
  { placement, file }: Handed,
  cluster: Cluster,
  options: SimulateOptions = {},
): SimulationReport["result"] {
  return simulatePlacement(cluster, placement, {
    partialInference: file.partialInference !== false,
    constraints: constraintsOf(cluster, file),
    ...WINDOW,
    ...options,
  }).result;
}

function compareEngines(handed: Handed): readonly string[] {
  const { planned, exported } = handed;
  const own = serve(handed, planned);
  const [before, after] = [own, serve(handed, exported)].map(decodeOf) as [number, number];
  const [ours, theirs] = [describeRules(planned.engine), describeRules(exported.engine)];
  const remedy =
    planned.engine?.name === exported.engine!.name
      ? "A plan with the same settings is made for what is served then."
      : `A plan with --engine ${exported.engine!.name} is made for what ${theirs} serves.`;
  return [
    `The plan was made for ${ours}, by whose rules it serves ${before.toFixed(1)} decode tokens/s in simulation; by those of ${theirs} it serves ${after.toFixed(1)} (${change(before, after)}). ${remedy}`,
    ...explainRejected(own),
    ...describeForeign(handed),
  ];
}

/** Nodes at work whose cards the target's engine is not known to run on: the plan was made for one that does. */
function describeForeign({ placement, planned, exported }: Handed): readonly string[] {
  const engine = findEngine(exported.engine!.name);
  if (planned.engine?.name === engine.name) return [];
  const foreign = listForeign(exported, engine).filter((node) => placement[node] !== null);
  if (foreign.length === 0) return [];
  const named = foreign.slice(0, MOST_NAMED).map((node) => nodeId(exported, node));
  const rest = foreign.length - named.length;
  const more = rest > 0 ? ` and ${rest} more` : "";
  return [`${engine.title} is not known to run on the cards of ${named.join(", ")}${more}.`];
}

/** An engine by its title, with what is set of it; Helix where nobody chose one. */
function describeRules(choice: EngineChoice | undefined): string {
  const { title } = findEngine(choice?.name ?? "helix");
  if (choice === undefined) return title;
  const { name: _, from: __, ...settings } = choice;
  const set = describeSettings(settings);
  return set === "" ? title : `${title} (${set})`;
}

function compareFlows(handed: Handed): readonly string[] {
  const { exported } = handed;
  const run = serve(handed, exported);
  const other = decodeOf(serve(handed, exported, { anyFlow: true }));
  const own = decodeOf(run);
  return [
    `By the plan's flow Helix serves ${own.toFixed(1)} decode tokens/s in simulation; by another maximum flow, such as a runtime computes that knows only capacities, ${other.toFixed(1)} (${change(own, other)}). runtime_cluster.ini leaves the plan's flow as the only maximum one.`,
    ...explainRejected(run),
  ];
}

function decodeOf({ decodeTokensPerSecond }: SimulationReport["result"]): number {
  return decodeTokensPerSecond;
}

/** Requests turned away, which make what is served look small, in a run by the plan's own rules. */
function explainRejected(run: SimulationReport["result"]): readonly string[] {
  const { arrived, rejected } = run.requests;
  return describeRejected(run).map(
    (line) => `By the plan's rules ${rejected} of ${arrived} requests are rejected. ${line}`,
  );
}

function change(before: number, after: number): string {
  if (before === 0) return "nothing to compare with";
  const percent = 100 * (after / before - 1);
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent).toFixed(1)} %`;
}
