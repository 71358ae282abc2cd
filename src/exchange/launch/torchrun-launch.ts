import { printable } from "../../core/printable.js";
import { quoteShell } from "../../core/quote-shell.js";
import type { TrainingPlan } from "../../training/training-plan.js";

const PORT = 29_500;

/**
 * One torchrun command per node, node rank by node rank: the plan's node order is what makes rank r
 * land on the GPU it was planned for.
 * @param script what torchrun starts, with its arguments.
 */
export function formatTorchrunLaunch(plan: TrainingPlan, script: string): string {
  const master = plan.nodeOrder[0]!;
  const lines = plan.nodeOrder.map((node, nodeRank) => {
    const gpus = plan.ranks.filter((rank) => rank.node === node).length;
    return [
      `# on ${printable(node)}`,
      `torchrun --nnodes=${plan.nodeOrder.length} --nproc-per-node=${gpus} --node-rank=${nodeRank} ${quoteShell(`--master-addr=${master}`)} --master-port=${PORT} ${script}`,
    ].join("\n");
  });
  return `${lines.join("\n")}\n`;
}
