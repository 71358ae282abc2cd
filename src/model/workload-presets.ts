import type { Workload } from "../core/model.js";

/** Mean prompt and output tokens of public traces and data sets. */
const WORKLOADS: readonly Workload[] = [
  // Azure LLM inference trace 2023, conversation and code parts.
  { name: "azure-conversation", promptTokens: 763.1, outputTokens: 232.4 },
  { name: "azure-code", promptTokens: 1379, outputTokens: 27.5 },
  { name: "sharegpt", promptTokens: 74, outputTokens: 229 },
  { name: "alpaca", promptTokens: 14, outputTokens: 48 },
];

/** The workload of that name; names fold case. */
export function findWorkloadPreset(name: string): Workload | undefined {
  const key = name.toLowerCase();
  return WORKLOADS.find((workload) => workload.name === key);
}

export function workloadPresetNames(): readonly string[] {
  return WORKLOADS.map((workload) => workload.name);
}
