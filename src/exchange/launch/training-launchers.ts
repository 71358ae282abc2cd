import type { TrainingJob } from "../../training/training-job.js";
import type { TrainingPlan } from "../../training/training-plan.js";
import { formatDeepspeedLaunch } from "./deepspeed-launch.js";
import { formatMegatronLaunch } from "./megatron-launch.js";
import { formatTorchrunLaunch } from "./torchrun-launch.js";

/** What a launcher needs to run a plan, or why it cannot. */
export type LaunchText =
  | { readonly status: "written"; readonly text: string }
  | { readonly status: "refused"; readonly reason: string };

export type Launcher = "megatron" | "deepspeed" | "torchrun";

/** Writers by name. All count ranks as plans do: tensor fastest, then data, then pipeline. */
export const TRAINING_LAUNCHERS: Readonly<
  Record<Launcher, (job: TrainingJob, plan: TrainingPlan) => LaunchText>
> = {
  megatron: formatMegatronLaunch,
  deepspeed: formatDeepspeedLaunch,
  torchrun: (_job, plan) => ({ status: "written", text: formatTorchrunLaunch(plan, "train.py") }),
};
