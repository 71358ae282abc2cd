import { describeTrimmed, findPartial, listRuns, NOTHING_FLOWS } from "./pipeline-runs.js";
import { COORDINATOR_ID } from "../../core/cluster.js";
import { hostOf } from "./endpoint.js";
import { describeSharedHosts, deviceEnvironment } from "./hosts.js";
import { nameFiles } from "./file-names.js";
import type { ExportOutcome, ExportRequest } from "./outcome.js";
import { quoteLine, quoteMarkdown } from "./quote.js";
import { listRunning, type RunningNode } from "./running-nodes.js";
import { chooseEngine } from "../../engines/choose-engine.js";
import { contextOf, formatShare } from "./settings.js";
import { cacheTypeOf, plainTypeOf } from "./weight-types.js";
import { machineOf } from "../../core/cluster.js";
import { writeScript, type Words } from "./script.js";

/**
 * Parallax: a scheduler and nodes with fixed layers; a node may serve several pipelines as long as
 * every border is one: the end of one node is the start of the next.
 */
export function exportParallax(request: ExportRequest): ExportOutcome {
  const refusals = findPartial(request.cluster, request.file);
  const runs = listRuns(request.file);
  const nodes = listRunning(request).map((node) => {
    return { ...node, layers: runs.get(node.id)!.intervals[0]! };
  });
  if (nodes.length === 0) refusals.push(NOTHING_FLOWS);
  if (refusals.length > 0) return { kind: "refused", refusals };
  const names = nameFiles(nodes.map(({ id }) => id));
  const run: Words = [["parallax", "run", "-m", request.model, "-n", String(nodes.length), "-u"]];
  const joins = nodes.map(({ id }, index) => {
    const command = `SCHEDULER=/ip4/… bash node-${names[index]!}.sh`;
    return `   - on ${quoteMarkdown(hostOf(request, id))}: ${quoteMarkdown(command)}`;
  });
  return {
    kind: "exported",
    files: [
      { path: "scheduler.sh", text: writeScript([], {}, run) },
      ...nodes.map((node, index) => ({
        path: `node-${names[index]!}.sh`,
        text: joinScript(request, node),
      })),
    ],
    steps: [
      `On ${quoteMarkdown(hostOf(request, COORDINATOR_ID))} run \`bash scheduler.sh\`; it prints its address.`,
      `On every node set \`SCHEDULER\` to that address and run its script:\n${joins.join("\n")}`,
    ],
    notCarried: listLost(request, nodes),
    notes: [
      "`SCHEDULER` is the scheduler's whole address (`/ip4/…/tcp/…/p2p/…`): a bare peer id would send all traffic through a public relay, so the scripts refuse it. `-u` stops the upload of information on installed packages.",
      "Without a scheduler, `parallax serve` takes the same `--start-layer` and `--end-layer` (end exclusive).",
      "Parallax chooses routes itself: the weights of the plan are not carried.",
      ...describeTrimmed(request.file),
      ...describeSharedHosts(request),
    ],
  };
}

/** Stops where the scheduler's address is missing or only a peer id. */
const CHECK_SCHEDULER = `case "\${SCHEDULER:?}" in /*) ;; *) echo "SCHEDULER must be a whole address: /ip4/.../p2p/..." >&2; exit 1 ;; esac`;

function joinScript(request: ExportRequest, node: RunningNode): string {
  const { id, index, layers, gpus, kvCacheTokens } = node;
  const type = plainTypeOf(request.cluster.model, {
    stages: [{ lacksBf16: machineOf(request.cluster, index).lacksBf16 === true }],
  });
  const { model, workload } = request.cluster;
  const context = contextOf(model, workload, kvCacheTokens);
  const { batching } = chooseEngine(request.cluster, { engine: "parallax" }).engine;
  const memory = machineOf(request.cluster, index).memory;
  const words: Words = [
    ["parallax", "join", "-s", { shell: '"$SCHEDULER"' }, "-u"],
    ["--model-path", request.model],
    ["--start-layer", String(layers[0]), "--end-layer", String(layers[1])],
    ...(context === undefined ? [] : [["--max-sequence-length", String(context)]]),
    ...(batching.kind === "per-server"
      ? [["--max-num-tokens-per-batch", String(batching.batchTokens)]]
      : []),
    ...(memory === undefined ? [] : [["--kv-cache-memory-fraction", formatShare(memory.ofFree)]]),
    ...(type === undefined || type === "auto" ? [] : [["--dtype", type]]),
    ...(gpus === 1 ? [] : [["--tp-size", String(gpus)]]),
  ];
  return writeScript(
    [`helix-place blocks ${layers[0]}:${layers[1]} node ${quoteLine(id)}`],
    deviceEnvironment(request, id),
    words,
    [CHECK_SCHEDULER],
  );
}

/** What Parallax has no word for. */
function listLost(request: ExportRequest, nodes: readonly RunningNode[]): readonly string[] {
  const { cluster, modelGiven, model } = request;
  const cache = cacheTypeOf(cluster.model);
  const weights = cluster.model.askedTypes?.weights;
  return [
    "the weights of the routes: Parallax chooses them itself",
    "the share of a whole card: Parallax's share counts from what is free once the weights are loaded",
    ...(modelGiven
      ? []
      : [
          `where the weights are: ${quoteMarkdown(model)} is the plan's name for them (\`--model\`)`,
        ]),
    ...(cache === undefined ? [] : [`the type of the cache, ${cache}`]),
    ...(weights === undefined
      ? []
      : [`the type of the weights, ${weights}: take a checkpoint that has it`]),
    ...(nodes.some(({ kvCacheTokens }) => kvCacheTokens === undefined)
      ? ["room for the KV cache, which the plan does not know everywhere"]
      : []),
  ];
}
