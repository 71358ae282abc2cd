import type { Cluster } from "../core/cluster.js";
import { InputError } from "../core/errors.js";
import { estimateNotes } from "../core/estimate-notes.js";
import type { Placement } from "../core/placement.js";
import type { PlacementFile } from "../formats/placement-schema.js";
import { fingerprint } from "../formats/load-cluster.js";
import { resolveCluster } from "../formats/resolve-cluster.js";
import { priceOfFile } from "../market/entry-price.js";
import { describeOutcome } from "../market/scenario.js";
import { asPicture } from "../report/chart/drawing.js";
import { drawFlow } from "../report/flow-picture.js";
import { mapPlacement } from "../report/placement-map.js";
import { plan, type PlanOutcome } from "../serving/plan/plan.js";
import type { GoodputPorts } from "../serving/served/goodput-options.js";
import type { Answer, PlanView } from "./answer.js";
import type { Question } from "./question.js";
import { listRounds } from "./rounds.js";

/** Plans what was asked and tells everything there is to see of it as it comes. Never rejects. */
export async function answerQuestion(
  question: Question,
  ports: GoodputPorts,
  tell: (answer: Answer) => void,
): Promise<void> {
  const { name } = question.file;
  try {
    const cluster = resolveCluster(name, question.file, question.model);
    await planRounds(question, cluster, ports, tell);
  } catch (error) {
    if (error instanceof InputError) {
      tell({ kind: "problems", source: error.source, problems: error.problems });
    } else {
      tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    }
  }
}

async function planRounds(
  question: Question,
  cluster: Cluster,
  ports: GoodputPorts,
  tell: (answer: Answer) => void,
): Promise<void> {
  const { file, model } = question;
  const clusterSha256 = fingerprint(model === undefined ? file : { file, model });
  const started = ports.now();
  const rounds = listRounds(cluster, question);
  let warmStart: Placement | undefined;
  for (const [index, round] of rounds.entries()) {
    const outcome = await plan(
      cluster,
      {
        ...round,
        clusterSha256,
        ...(warmStart === undefined ? {} : { warmStart }),
        onProgress({ event, throughput, upperBound }) {
          // What is served is tried beside the flow, which the chart shows.
          if (event === "served") return;
          tell({ kind: "step", step: { seconds: ports.now() - started, throughput, upperBound } });
        },
      },
      ports,
    );
    // A plan that is proven best needs no second look, where the second looks for the same.
    const sameAim = rounds[index + 1]?.objective === round.objective;
    const settled =
      outcome.kind === "infeasible" ||
      (sameAim && outcome.kind === "planned" && outcome.file.termination === "gap");
    const last = settled || index === rounds.length - 1;
    tell(describe(question, cluster, outcome, last));
    if (last) return;
    // A placement of shared out cards is of other nodes, and no start for a search that shares them out anew.
    if (outcome.kind === "planned" && outcome.cluster === cluster) warmStart = outcome.placement;
  }
}

function describe(
  { file: asked }: Question,
  cluster: Cluster,
  outcome: PlanOutcome,
  last: boolean,
): Answer {
  const costPerHour = priceOfFile(asked);
  const result = describeOutcome("now", cluster, outcome, { costPerHour, partialInference: true });
  if (outcome.kind !== "planned") {
    return { kind: "none", reason: result.reason ?? "no placement was found", last };
  }
  const { file, cluster: planned } = outcome;
  return {
    kind: "plan",
    last,
    view: {
      result,
      file,
      map: asPicture(mapPlacement(planned, file)),
      flow: asPicture(drawFlow(planned, file)),
      idle: countIdle(planned, file),
      assumptions: file.assumptions ?? estimateNotes(cluster),
    },
  };
}

function countIdle(cluster: Cluster, file: PlacementFile): PlanView["idle"] {
  const at = new Map(file.nodes.map(({ id, layers }) => [id, layers]));
  return cluster.machines.flatMap(({ name: machine }, index) => {
    const own = cluster.nodes.filter((node) => node.machine === index);
    const count = own.filter(({ id }) => (at.get(id) ?? null) === null).length;
    return count === 0 ? [] : [{ machine, count }];
  });
}
