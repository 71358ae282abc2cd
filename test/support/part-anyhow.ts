import { partCluster, type Partition } from "../../src/core/parting.js";
import type { Random } from "../../src/core/random.js";
import type { PlanningProblem } from "../../src/planner/problem/problem.js";

/** The problem with the cards of every machine in parts of any legal degrees, as many as they make. */
export function partAnyhow(problem: PlanningProblem, random: Random): PlanningProblem {
  const { cluster } = problem;
  const partition: Partition = cluster.parting!.boxes.map((box) =>
    box.kind === "node"
      ? []
      : box.rows.map(({ count, degrees }) => {
          const parts: number[] = [];
          for (let left = count; ;) {
            const fitting = [...degrees.keys()].filter((degree) => degree <= left);
            if (fitting.length === 0) return parts;
            parts.push(fitting[random.int(fitting.length)]!);
            left -= parts.at(-1)!;
          }
        }),
  );
  return { ...problem, cluster: partCluster(cluster, partition) };
}
