import { COORDINATOR, linkBetween, machineOf, type Cluster } from "../../core/cluster.js";
import { BugError } from "../../core/errors.js";
import { countLayers, type Chain } from "./chains.js";
import { hostOf, joinHostPort } from "./endpoint.js";
import { nameFiles } from "./file-names.js";
import { assignApis, createPorts, describeSharedHosts, deviceEnvironment } from "./hosts.js";
import { addressLines } from "./literal-address.js";
import { llamaDevice } from "./llama-device.js";
import { contextSlots, describeSlots, listSpare } from "./llama-slots.js";
import type { ExportFile, ExportOutcome, ExportRequest } from "./outcome.js";
import { quoteMarkdown } from "./quote.js";
import { exportChains, singleGpus } from "./requirements.js";
import { stageComment, writeScript, type Words } from "./script.js";
import { listUnsaid, settingsOf } from "./settings.js";
import { cacheTypeOf } from "./weight-types.js";

const RPC_PORT = 50_052;
/** Where llama-server answers. */
export const LLAMA_PORT = 8080;

/** The ports of a chain: its server's, and its workers' by stage (the server's own stage has none). */
interface LlamaPorts {
  readonly api: number;
  readonly workers: readonly number[];
}

/**
 * llama.cpp: the server on the node that users reach soonest, RPC workers on all others. The order of
 * the devices is stage order, whoever is the server. llama.cpp splits layers + 1 slots (the output counts
 * as one more), so the last share is one more than its layers.
 */
export function exportLlamaCpp(request: ExportRequest): ExportOutcome {
  return exportChains(request, [singleGpus], (chains) => {
    const ports = assignLlamaPorts(request, chains);
    const spare = listSpare(request, chains);
    return {
      files: chains.flatMap((chain, index) => writeChain(request, chain, ports[index]!)),
      steps: chains.map((chain, index) => describe(request, chain, ports[index]!)),
      notCarried: [
        ...listUnsaid(request, chains).filter((text) => !text.startsWith("the share of memory")),
        ...describeSlots(request, chains),
        "the type of the weights, which is that of the GGUF file: take one of the size that was planned",
        "a share of memory: llama.cpp takes what layers and context need, so the context given here keeps it within the plan",
      ],
      notes: [
        "Several chains: divide requests between the servers by the weights; the balancer targets (nginx, envoy, litellm) know where the servers of a plan for llama.cpp are.",
        "The RPC server (`ggml-rpc-server`, `rpc-server` before) has no authentication: its script binds it to one IPv4 address, which only the chain's own nodes may reach. Never open it to a network you do not trust.",
        `Workers listen on port ${RPC_PORT}, servers on port ${LLAMA_PORT}, or the next free one of a host; the \`port\` column of --addresses changes either, for a worker on a part of a machine in the row of that part.`,
        "The model must be a GGUF file on the node that runs the server. The server's own card is named after the cluster file; `LLAMA_DEVICE=Vulkan0 bash server-….sh` names another (`llama-server --list-devices`), and `LLAMA_DEVICE=none` lets its processor work, which takes the model's first layers, as many as planned.",
        "llama.cpp sends one batch at a time through all devices: stages do not overlap, so a deep chain costs its whole depth per token.",
        ...spare.map(({ text }) => text),
        ...describeSharedHosts(request),
      ],
      cacheTokens: new Map(spare.map(({ name, context }) => [name, context])),
    };
  });
}

/**
 * The stage that runs the server: the one that the coordinator reaches soonest, of these the fastest;
 * index into the chain's stages.
 */
function headOf(cluster: Cluster, { stages }: Pick<Chain, "stages">): number {
  const away = stages.map(
    ({ node }) => linkBetween(cluster, COORDINATOR, node)?.latencySeconds ?? Infinity,
  );
  const nearest = Math.min(...away);
  const rate = (node: number): number => machineOf(cluster, node).capacity.tokensPerSecond[0] ?? 0;
  let best = -1;
  stages.forEach(({ node }, stage) => {
    if (away[stage] !== nearest) return;
    if (best < 0 || rate(node) > rate(stages[best]!.node)) best = stage;
  });
  if (best < 0) throw new BugError("export: a chain without stages");
  return best;
}

/** Each chain's server as a balancer wants it: the node that answers, as if it were the first. */
export function llamaFronts(
  cluster: Cluster,
  chains: readonly Chain[],
): readonly Pick<Chain, "stages">[] {
  return chains.map((chain) => ({ stages: [chain.stages[headOf(cluster, chain)]!] }));
}

function assignLlamaPorts(request: ExportRequest, chains: readonly Chain[]): readonly LlamaPorts[] {
  const take = createPorts(request);
  const apis = assignApis(request, llamaFronts(request.cluster, chains), LLAMA_PORT, take);
  return chains.map((chain, index) => {
    const head = headOf(request.cluster, chain);
    return {
      api: apis[index]!,
      workers: chain.stages.map(({ id }, rank) =>
        rank === head
          ? 0
          : (request.addresses.get(id)?.port ?? take(hostOf(request, id), RPC_PORT)),
      ),
    };
  });
}

function writeChain(
  request: ExportRequest,
  chain: Chain,
  ports: LlamaPorts,
): readonly ExportFile[] {
  const paths = scriptPaths(request, chain);
  const head = headOf(request.cluster, chain);
  return chain.stages.map((_, rank) => ({
    path: paths[rank]!,
    text:
      rank === head
        ? serverScript(request, chain, ports)
        : workerScript(request, chain, rank, ports),
  }));
}

/** `ggml-rpc-server`, or `rpc-server` where only the older name is there. */
const FIND_SERVER = "server=$(command -v ggml-rpc-server || command -v rpc-server)";

function workerScript(
  request: ExportRequest,
  chain: Chain,
  rank: number,
  ports: LlamaPorts,
): string {
  const { id } = chain.stages[rank]!;
  const words: Words = [
    [
      { shell: '"$server"' },
      "-H",
      { shell: '"$address"' },
      "-p",
      String(ports.workers[rank]!),
      "-c",
    ],
  ];
  const before = [...addressLines(hostOf(request, id)), FIND_SERVER];
  return writeScript([stageComment(chain, rank)], deviceEnvironment(request, id), words, before);
}

function serverScript(request: ExportRequest, chain: Chain, ports: LlamaPorts): string {
  const head = headOf(request.cluster, chain);
  const { id } = chain.stages[head]!;
  const rpc = chain.stages.flatMap((stage, rank) =>
    rank === head ? [] : [joinHostPort(hostOf(request, stage.id), ports.workers[rank]!)],
  );
  const words: Words = [
    ["llama-server", "-m", request.model],
    ["-ngl", "999", "-sm", "layer"],
    ...(rpc.length === 0 ? [] : [["--rpc", rpc.join(",")]]),
    ["--device", { shell: '"$devices"' }],
    ["-ts", splitShares(countLayers(chain)).join(",")],
    ...contextWords(request, chain),
    ["--host", "0.0.0.0", "--port", String(ports.api)],
  ];
  const comments = chain.stages.map((_, rank) => stageComment(chain, rank));
  return writeScript(comments, deviceEnvironment(request, id), words, deviceLines(chain, head));
}

/**
 * Shell that has the devices in stage order in `$devices`. The processor is no device of llama.cpp's: it
 * takes the first layers, as many as `-ngl` leaves, so the others' follow in their order.
 */
function deviceLines(chain: Chain, head: number): readonly string[] {
  const others = chain.stages.flatMap((_, rank) =>
    rank === head ? [] : [`RPC${rank < head ? rank : rank - 1}`],
  );
  const layers = countLayers(chain);
  const shares = splitShares(layers.filter((_, rank) => rank !== head));
  const offloaded = shares.reduce((sum, share) => sum + share, 0);
  const split = others.length < 2 ? "" : ` -ts ${shares.join(",")}`;
  return [
    "# The server's own card as `llama-server --list-devices` calls it, or none: then its processor works.",
    `own=\${LLAMA_DEVICE:-${llamaDevice(chain.stages[head]!.gpu)}}`,
    `devices=${[...others.slice(0, head), "$own", ...others.slice(head)].join(",")}`,
    `if [[ $own == none ]]; then`,
    `  devices=${others.length === 0 ? "none" : others.join(",")}`,
    `  set -- -ngl ${offloaded}${split} "$@"`,
    "fi",
  ];
}

/** Context of all slots together, slots, tokens of a batch, and the type of the cache. */
function contextWords(request: ExportRequest, chain: Chain): Words {
  const { model } = request.cluster;
  const { batchTokens } = settingsOf(request, chain, "llama.cpp");
  const cache = cacheTypeOf(model);
  const type = cache === undefined ? undefined : (GGML_CACHES[cache] ?? cache);
  const { slots, context } = contextSlots(request, chain);
  return [
    ...(context === undefined ? [] : [["-c", String(context)]]),
    ["-np", String(slots)],
    ["-b", String(batchTokens)],
    ...(type === undefined ? [] : [["-ctk", type, "-ctv", type]]),
  ];
}

/** What llama.cpp has for the types of other engines: 8 bits are one of its own. */
const GGML_CACHES: Readonly<Record<string, string>> = { fp8: "q8_0", int8: "q8_0", int4: "q4_0" };

/** `-ts` for layers per device: one more for the last, which also holds the output. */
export function splitShares(layers: readonly number[]): readonly number[] {
  return layers.map((count, index) => (index === layers.length - 1 ? count + 1 : count));
}

function scriptPaths(request: ExportRequest, chain: Chain): readonly string[] {
  const head = headOf(request.cluster, chain);
  return nameFiles(chain.stages.map(({ id }) => id)).map(
    (name, rank) => `${chain.name}/${rank === head ? "server" : `worker-${rank}`}-${name}.sh`,
  );
}

function describe(request: ExportRequest, chain: Chain, ports: LlamaPorts): string {
  const paths = scriptPaths(request, chain);
  const head = headOf(request.cluster, chain);
  const line = (rank: number): string =>
    `   - on ${quoteMarkdown(hostOf(request, chain.stages[rank]!.id))}: ${quoteMarkdown(`bash ${paths[rank]!}`)}`;
  const workers = chain.stages.map((_, rank) => rank).filter((rank) => rank !== head);
  const api = joinHostPort(hostOf(request, chain.stages[head]!.id), ports.api);
  return `${chain.name} (weight ${chain.weight}), workers first; it answers at ${quoteMarkdown(api)}:\n${[...workers, head].map(line).join("\n")}`;
}
