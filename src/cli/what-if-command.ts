import type { Command } from "commander";
import { withTensorParallel } from "../formats/asked-of-cluster.js";
import { withEngine } from "../formats/read-engine.js";
import { requireOffers } from "../market/market.js";
import { withListedPrices } from "../market/today.js";
import { openCluster } from "../node/open-files.js";
import { readText } from "../node/read-text.js";
import { askCluster, askEngine, sayEngine } from "./engine-options.js";
import type { CommandContext } from "./terminal.js";
import {
  declareWhatIfOptions,
  readLimits,
  readPrices,
  requireUse,
  type WhatIfOptions,
} from "./what-if-options.js";
import { runPurchase } from "./what-if-purchase.js";
import type { WhatIfRun } from "./what-if-run.js";
import { compareScenarios } from "./what-if-scenarios.js";
import { runSweepCommand } from "./what-if-sweep.js";

/** `helix-place what-if <cluster>`. */
export function addWhatIfCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("what-if")
    .description(
      "compare changed clusters, find what to buy, and what one more of anything is worth",
    );
  declareWhatIfOptions(command).action((path: string, options: WhatIfOptions) =>
    runWhatIf(path, options, context),
  );
}

async function runWhatIf(
  clusterPath: string,
  options: WhatIfOptions,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const read = (path: string): Promise<string> => readText(path, terminal.readStandardInput);
  const { cluster, file, sha256, referencedModel } = await openCluster(
    clusterPath,
    read,
    askCluster(options),
  );
  const model = referencedModel === undefined ? {} : { referencedModel };
  const prices = await readPrices(options, read);
  const run: WhatIfRun = {
    options,
    context,
    clusterPath,
    today: {
      name: "today",
      file: withTensorParallel(
        withEngine(withListedPrices(file, prices), askEngine(options)),
        options.tensorParallel,
      ),
      ...model,
    },
    cluster,
    sha256,
    prices,
    read,
    say: options.quiet === true ? () => undefined : terminal.err,
  };
  readLimits(options);
  requireUse(options);
  if (prices !== undefined) {
    requireOffers(options.prices!, prices, run.today.file, referencedModel);
  }
  run.say(sayEngine(cluster));
  if (options.budget !== undefined || options.target !== undefined) return runPurchase(run);
  if (options.sweep !== undefined) return runSweepCommand(run);
  return compareScenarios(run);
}
