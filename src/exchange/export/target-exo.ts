import type { Chain } from "./chains.js";
import { apiOf, hostOf, joinHostPort } from "./endpoint.js";
import { EXO_SCRIPT } from "./exo-script.js";
import { contextOf } from "./settings.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { quoteShell } from "../../core/quote-shell.js";
import { quoteMarkdown } from "./quote.js";
import { exportChains, singleGpus } from "./requirements.js";

/** Where exo answers. */
export const EXO_PORT = 52_415;

/** exo: a patch of the layers that exo itself would choose, per chain, and a script that posts it. */
export function exportExo(request: ExportRequest): ExportOutcome {
  return exportChains(request, [singleGpus], (chains) => ({
    files: [
      ...chains.map((chain) => ({
        path: `${chain.name}.json`,
        text: `${JSON.stringify(describePatch(request, chain), null, 2)}\n`,
      })),
      { path: "apply.py", text: EXO_SCRIPT },
    ],
    steps: chains.map((chain) => {
      const { host, port } = apiOf(request, chain, EXO_PORT);
      const url = quoteShell(`http://${joinHostPort(host, port)}`);
      return `${chain.name} (weight ${chain.weight}): with exo running on its nodes, ${quoteMarkdown(`python3 apply.py ${chain.name}.json ${url}`)}. Add \`--dry-run\` to print the instance without posting it.`;
    }),
    notCarried: [
      "the share of memory, the length of the context, the type of the cache and of the weights: exo takes those of the model's card in its own list",
      "ports and cards: exo finds its nodes itself",
      ...(chains.length === 1 ? [] : ["the weights of the chains"]),
      ...describeContext(request, chains),
    ],
    notes: [
      "exo computes on the processor alone under Linux: only Macs use their GPUs. One request goes round a ring at a time.",
      "exo orders the nodes of a ring itself. Fill in `exoNode` in the JSON (exo's own node ids, from `GET /state`): the script stops when exo's order is another than the plan's. With `--trust-order` it takes exo's order without looking.",
      "The plan counts one GPU per node; exo's nodes are whole machines.",
    ],
  }));
}

/** What the plan's KV holds, which exo does not ask. */
function describeContext(request: ExportRequest, chains: readonly Chain[]): readonly string[] {
  const { model, workload } = request.cluster;
  return chains.flatMap(({ name, kvCacheTokens }) => {
    const context = contextOf(model, workload, kvCacheTokens);
    return context === undefined ? [] : [`requests of ${name} of at most ${context} tokens`];
  });
}

function describePatch(request: ExportRequest, chain: Chain): object {
  return {
    model: request.model,
    query: {
      model_id: request.model,
      sharding: "Pipeline",
      instance_meta: "MlxRing",
      min_nodes: chain.stages.length,
    },
    shards: chain.stages.map(({ id, layers: [startLayer, endLayer] }, deviceRank) => ({
      deviceRank,
      startLayer,
      endLayer,
      node: id,
      host: hostOf(request, id),
      exoNode: null,
    })),
  };
}
