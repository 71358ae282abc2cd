import type { EngineName } from "../../core/engine-choice.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { exportDynamo } from "./target-dynamo.js";
import { exportEnvoy } from "./target-envoy.js";
import { exportExo } from "./target-exo.js";
import { exportGpuStack } from "./target-gpustack.js";
import { exportHelix } from "./target-helix.js";
import { exportK8sGateway } from "./target-k8s-gateway.js";
import { exportLiteLlm } from "./target-litellm.js";
import { exportLlamaCpp } from "./target-llama-cpp.js";
import { exportLws } from "./target-lws.js";
import { exportNginx } from "./target-nginx.js";
import { exportParallax } from "./target-parallax.js";
import { exportPetals } from "./target-petals.js";
import { exportRay } from "./target-ray.js";
import { exportSglang } from "./target-sglang.js";
import { exportTensorRtLlm } from "./target-tensorrt-llm.js";
import { exportVllm } from "./target-vllm.js";

/** A serving stack and what of a plan it can carry, in a few words each. */
export interface ExportTarget {
  readonly title: string;
  /** The engine that runs the placement then; absent where it is only handed on. */
  readonly engine?: EngineName;
  readonly unevenSplit: string;
  readonly overlap: string;
  readonly sharedNodes: string;
  readonly tensorParallel: string;
  readonly export: (request: ExportRequest) => ExportOutcome;
}

const ENGINE = { unevenSplit: "yes", overlap: "no", sharedNodes: "no" } as const;
const BALANCER = {
  unevenSplit: "–",
  overlap: "no",
  sharedNodes: "no",
  tensorParallel: "–",
} as const;
const UNPINNED = "on one machine type";

/** All targets by name. */
export const EXPORT_TARGETS = {
  vllm: {
    title: "vLLM",
    engine: "vllm",
    ...ENGINE,
    tensorParallel: "uniform in a chain",
    export: exportVllm,
  },
  sglang: {
    title: "SGLang",
    engine: "sglang",
    ...ENGINE,
    tensorParallel: "uniform in a chain",
    export: exportSglang,
  },
  "tensorrt-llm": {
    title: "TensorRT-LLM",
    engine: "tensorrt-llm",
    ...ENGINE,
    tensorParallel: "uniform in a chain",
    export: exportTensorRtLlm,
  },
  "llama.cpp": {
    title: "llama.cpp RPC",
    engine: "llama.cpp",
    ...ENGINE,
    tensorParallel: "no",
    export: exportLlamaCpp,
  },
  petals: {
    title: "Petals",
    engine: "petals",
    unevenSplit: "yes",
    overlap: "enters mid-span, runs to its end",
    sharedNodes: "yes, unweighted",
    tensorParallel: "yes",
    export: exportPetals,
  },
  parallax: {
    title: "Parallax",
    engine: "parallax",
    unevenSplit: "yes",
    overlap: "no",
    sharedNodes: "at equal borders, unweighted",
    tensorParallel: "yes",
    export: exportParallax,
  },
  exo: { title: "exo", engine: "exo", ...ENGINE, tensorParallel: "no", export: exportExo },
  helix: {
    title: "Helix runtime and simulator",
    engine: "helix",
    unevenSplit: "yes",
    overlap: "yes",
    sharedNodes: "yes, weighted",
    tensorParallel: "no",
    export: exportHelix,
  },
  ray: {
    title: "Ray Serve LLM",
    engine: "vllm",
    ...ENGINE,
    unevenSplit: UNPINNED,
    tensorParallel: "uniform in a chain",
    export: exportRay,
  },
  lws: {
    title: "Kubernetes LeaderWorkerSet",
    engine: "vllm",
    ...ENGINE,
    unevenSplit: `${UNPINNED} after the first node`,
    tensorParallel: "uniform in a chain",
    export: exportLws,
  },
  dynamo: {
    title: "NVIDIA Dynamo",
    engine: "vllm",
    ...ENGINE,
    unevenSplit: UNPINNED,
    tensorParallel: "uniform in a chain",
    export: exportDynamo,
  },
  gpustack: {
    title: "GPUStack",
    engine: "vllm",
    ...ENGINE,
    unevenSplit: UNPINNED,
    tensorParallel: "uniform in a chain",
    export: exportGpuStack,
  },
  "k8s-gateway": { title: "Gateway API weights", ...BALANCER, export: exportK8sGateway },
  envoy: { title: "Envoy weights", ...BALANCER, export: exportEnvoy },
  nginx: { title: "nginx weights", ...BALANCER, export: exportNginx },
  litellm: { title: "LiteLLM weights", ...BALANCER, export: exportLiteLlm },
} as const satisfies Readonly<Record<string, ExportTarget>>;

export type ExportTargetName = keyof typeof EXPORT_TARGETS;

/** Whether a text names a target. */
export function isExportTarget(name: string): name is ExportTargetName {
  return Object.hasOwn(EXPORT_TARGETS, name);
}
