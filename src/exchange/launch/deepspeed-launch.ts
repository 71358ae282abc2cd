import { printable } from "../../core/printable.js";
import type { TrainingJob } from "../../training/training-job.js";
import type { TrainingPlan } from "../../training/training-plan.js";
import type { LaunchText } from "./training-launchers.js";

/**
 * DeepSpeed: hostfile (its order deals the ranks), configuration, and the cut as a PipelineModule
 * that returns it, since DeepSpeed offers no option for one. Its pipeline engine takes ZeRO up to 1.
 */
export function formatDeepspeedLaunch(job: TrainingJob, plan: TrainingPlan): LaunchText {
  const { strategy } = plan;
  if (strategy.stages > 1 && job.memory.zeroStage > 1) {
    return { status: "refused", reason: "DeepSpeed's pipeline engine takes ZeRO stage 0 or 1" };
  }
  const odd = plan.nodeOrder.find((node) => /^-|[\s#]/.test(node) || printable(node) !== node);
  if (odd !== undefined) {
    const reason = `a hostfile cannot name a host ${JSON.stringify(odd)}`;
    return { status: "refused", reason };
  }
  const config = {
    train_batch_size: job.globalBatch,
    train_micro_batch_size_per_gpu: strategy.microBatch,
    gradient_accumulation_steps: strategy.microBatches,
    fp16: { enabled: true },
    zero_optimization: { stage: job.memory.zeroStage },
  };
  const hosts = plan.nodeOrder.map(
    (node) => `${node} slots=${plan.ranks.filter((rank) => rank.node === node).length}`,
  );
  const bounds = [0, ...plan.stages.map(({ layers: [, to] }) => to)];
  const sections = [
    ["hostfile", hosts.join("\n")],
    ["ds_config.json", JSON.stringify(config, undefined, 2)],
    ["cut_pipeline.py", cutModule(plan, bounds)],
  ];
  const text = sections.map(([name, body]) => `# ---- ${name}\n${body}\n`).join("\n");
  return { status: "written", text };
}

function cutModule(plan: TrainingPlan, bounds: readonly number[]): string {
  const { stages, dataParallel, tensorParallel } = plan.strategy;
  return [
    "from deepspeed.pipe import PipelineModule",
    "from deepspeed.runtime.pipe.topology import PipeModelDataParallelTopology",
    "",
    `topology = PipeModelDataParallelTopology(num_pp=${stages}, num_mp=${tensorParallel}, num_dp=${dataParallel})`,
    "",
    "class CutPipeline(PipelineModule):",
    '    def _partition_layers(self, method="uniform"):',
    `        self.parts = [${bounds.join(", ")}]`,
    "        stage = self._topo.get_coord(self.global_rank).pipe",
    "        self._set_bounds(start=self.parts[stage], stop=self.parts[stage + 1])",
  ].join("\n");
}
