import type { TrainingJob } from "../../training/training-job.js";
import type { TrainingPlan } from "../../training/training-plan.js";
import { formatTorchrunLaunch } from "./torchrun-launch.js";
import type { LaunchText } from "./training-launchers.js";

/** Letters of Megatron's pipeline layout; layers of other kinds belong to the one before them. */
const LETTERS = { embedding: "E", block: "t", head: "L", other: "" } as const;

/**
 * Megatron-LM arguments for a plan, through torchrun. Uneven cuts go through
 * `--pipeline-model-parallel-layout` (Megatron Core user guide: E embedding, t decoder layer, L loss,
 * stages separated by |). Only transformers, and ZeRO up to stage 1 (its distributed optimiser).
 */
export function formatMegatronLaunch(job: TrainingJob, plan: TrainingPlan): LaunchText {
  const { shape, memory } = job;
  if (shape === undefined) {
    return { status: "refused", reason: "Megatron-LM's arguments describe transformers only" };
  }
  if (memory.zeroStage > 1) {
    return { status: "refused", reason: "Megatron-LM's distributed optimiser is ZeRO stage 1" };
  }
  const { strategy } = plan;
  const args = [
    `--num-layers ${shape.blocks}`,
    `--hidden-size ${shape.hidden}`,
    `--num-attention-heads ${shape.heads}`,
    `--seq-length ${shape.sequence}`,
    `--max-position-embeddings ${shape.sequence}`,
    `--tensor-model-parallel-size ${strategy.tensorParallel}`,
    `--pipeline-model-parallel-size ${strategy.stages}`,
    ...(strategy.stages > 1 ? [`--pipeline-model-parallel-layout "${layoutOf(job, plan)}"`] : []),
    `--micro-batch-size ${strategy.microBatch}`,
    `--global-batch-size ${job.globalBatch}`,
    "--fp16",
    ...(memory.zeroStage === 1 ? ["--use-distributed-optimizer"] : []),
    ...(memory.recompute
      ? ["--recompute-granularity full --recompute-method uniform --recompute-num-layers 1"]
      : []),
  ];
  const script = ["pretrain_gpt.py", ...args].join(" \\\n  ");
  return { status: "written", text: formatTorchrunLaunch(plan, script) };
}

function layoutOf(job: TrainingJob, plan: TrainingPlan): string {
  return plan.stages
    .map(({ layers: [from, to] }) => {
      const letters = job.layers.slice(from, to).map((layer) => LETTERS[layer.kind]);
      return letters.join("").replace(/t{2,}/g, (run) => `t*${run.length}`);
    })
    .join("|");
}
