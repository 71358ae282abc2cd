import type { Cluster } from "../../core/cluster.js";
import { plan, type PlanOptions, type PlanOutcome } from "./plan.js";
import type { SearchPorts, SearchProgress } from "../../planner/portfolio/search.js";

/** Plans a cluster until a placement carries so many tokens/s, or until the options say stop. */
export async function planUntil(
  enough: number,
  cluster: Cluster,
  options: PlanOptions,
  ports: SearchPorts,
): Promise<PlanOutcome> {
  const stop = new AbortController();
  const give = (): void => stop.abort();
  if (options.signal?.aborted === true) give();
  options.signal?.addEventListener("abort", give, { once: true });
  const onProgress = ({ throughput }: SearchProgress): void => {
    if (throughput !== undefined && throughput >= enough) give();
  };
  try {
    return await plan(cluster, { ...options, signal: stop.signal, onProgress }, ports);
  } finally {
    options.signal?.removeEventListener("abort", give);
  }
}
