import { createNodePorts } from "../node/node-ports.js";
import type { ScenarioJob } from "../market/scenario.js";
import { createInlineScenarioCrew, type ScenarioCrew } from "../market/scenario-crew.js";
import { createScenarioWorkers } from "../node/scenario-workers.js";
import type { Cluster } from "../core/cluster.js";
import type { PriceList } from "../formats/price-list-schema.js";
import { EXIT, type CommandContext } from "./terminal.js";
import type { WhatIfOptions } from "./what-if-options.js";

/** What the parts of `what-if` share. */
export interface WhatIfRun {
  readonly options: WhatIfOptions;
  readonly context: CommandContext;
  readonly clusterPath: string;
  /** Today, to plan or to change. */
  readonly today: Omit<ScenarioJob, "planning">;
  /** Today's cluster as it was read. */
  readonly cluster: Cluster;
  /** Of its file. */
  readonly sha256: string;
  readonly prices: PriceList | undefined;
  readonly read: (path: string) => Promise<string>;
  readonly say: (text: string) => void;
}

/** Runs with threads as asked for, and puts them down whatever happens. */
export async function withCrew(
  { options, context }: WhatIfRun,
  work: (crew: ScenarioCrew) => Promise<void>,
): Promise<void> {
  const { signal, err } = context.terminal;
  const crew =
    options.threads === 0
      ? createInlineScenarioCrew(createNodePorts(), signal)
      : createScenarioWorkers(options.threads);
  const stop = (): void => void crew.dismiss();
  signal.addEventListener("abort", stop);
  try {
    signal.throwIfAborted(); // while the input was read
    await work(crew);
  } catch (error) {
    if (!signal.aborted) throw error;
    err("Interrupted.\n");
  } finally {
    signal.removeEventListener("abort", stop);
    await crew.dismiss();
  }
  if (signal.aborted) context.exit(EXIT.interrupted);
}
