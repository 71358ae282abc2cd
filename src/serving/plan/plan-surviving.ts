import { requirePlacement } from "../../check/require-placement.js";
import { sourceOf, type Cluster } from "../../core/cluster.js";
import { InputError } from "../../core/errors.js";
import type { PlacementFile } from "../../formats/placement-schema.js";
import type { PlacementConstraints } from "../../planner/problem/problem.js";
import type { GoodputPorts } from "../served/goodput-options.js";
import { partConstraints } from "./part-constraints.js";
import type { PlanNodes } from "./part-search.js";
import type { PlanOptions, PlanOutcome } from "./plan.js";
import { DEFAULT_GAP } from "./part-bound.js";

type SurvivingConstraints = PlacementConstraints & Required<Pick<PlacementConstraints, "survive">>;

/** Share of the time for the plan that need not survive anything: its bound, what surviving costs, and where to start. */
const WITHOUT_SHARE = 0.3;
const DEFAULT_TIME_LIMIT = 60;

/**
 * Plans so that losses of machines leave a share of the flow: first without that rule, then with it from there. The flow
 * alone is planned for; cards stay shared out as in the first plan. The bound is the lower of both.
 * @throws InputError for another objective, or a baseline.
 */
export async function planSurviving(
  cluster: Cluster,
  options: PlanOptions & { readonly constraints: SurvivingConstraints },
  ports: GoodputPorts,
  plans: { readonly any: PlanNodes; readonly nodes: PlanNodes },
): Promise<PlanOutcome> {
  requireFlow(cluster, options);
  const started = ports.now();
  const { survive, ...others } = options.constraints;
  const byClock = options.iterationLimit === undefined;
  const limit = options.timeLimitSeconds ?? (byClock ? DEFAULT_TIME_LIMIT : Infinity);
  const limited = (seconds: number): Pick<PlanOptions, "timeLimitSeconds"> =>
    limit === Infinity ? {} : { timeLimitSeconds: Math.max(0, seconds) };
  const free = await plans.any(
    cluster,
    { ...options, ...limited(WITHOUT_SHARE * limit), objective: "flow", constraints: others },
    ports,
  );
  if (free.kind !== "planned") return free;
  const { throughput, upperBound, bound } = free.file;
  const constraints: PlacementConstraints = {
    ...partConstraints(cluster, free.cluster, others),
    survive,
  };
  const found = await plans.nodes(
    free.cluster,
    {
      ...options,
      ...limited(limit - (ports.now() - started)),
      objective: "flow",
      constraints,
      warmStart: free.placement,
    },
    ports,
  );
  if (found.kind !== "planned") return found;
  const { file } = found;
  // What is proven of one way to share cards out says nothing of the others.
  const closer =
    upperBound < file.upperBound || cluster.parting !== undefined ? { upperBound, bound } : {};
  const bounded = tighten({ ...file, ...closer }, options.gap ?? DEFAULT_GAP);
  const whole: PlacementFile = {
    ...bounded,
    survival: { ...file.survival!, without: { throughput, upperBound } },
    solve: { ...file.solve, seconds: ports.now() - started },
  };
  requirePlacement(free.cluster, whole);
  return { ...found, file: whole };
}

function tighten(file: PlacementFile, asked: number): PlacementFile {
  const upperBound = Math.max(file.upperBound, file.throughput);
  const gap = (upperBound - file.throughput) / upperBound;
  return { ...file, upperBound, gap, status: gap <= asked ? "optimal" : "feasible" };
}

function requireFlow(cluster: Cluster, { objective = "flow", baseline }: PlanOptions): void {
  const remedy = "Leave it out: what losses must leave is planned for by flow alone.";
  const problems = [
    ...(objective === "flow" ? [] : [{ path: "--objective", found: objective }]),
    ...(baseline === undefined ? [] : [{ path: "--baseline", found: baseline }]),
  ].map((each) => ({ ...each, expected: "--objective flow beside --survive", remedy }));
  if (problems.length > 0) throw new InputError(sourceOf(cluster), problems);
}
