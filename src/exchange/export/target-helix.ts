import { COORDINATOR_ID, machineOf } from "../../core/cluster.js";
import { toCsvCell } from "../../formats/parse-csv.js";
import { NOTHING_FLOWS } from "./pipeline-runs.js";
import { hostOf } from "./endpoint.js";
import {
  typeName,
  writeMachineProfile,
  writeSimulatorCluster,
  writeTopology,
} from "./helix-cluster.js";
import { NODE_OFFSET, nodeName, writeRuntimeConfig, writeSolution } from "./helix-runtime.js";
import type { ExportOutcome, ExportRequest, Refusal } from "./outcome.js";
import { isIP } from "./literal-address.js";
import { quoteMarkdown, quotePython } from "./quote.js";
import { listRunning, type RunningNode } from "./running-nodes.js";

/**
 * The Helix runtime and simulator: overlapping intervals and weighted pipelines as they are. Nodes
 * that carry no flow are left out and the others numbered through, as the runtime demands.
 */
export function exportHelix(request: ExportRequest): ExportOutcome {
  const nodes = listRunning(request);
  const refusals = [...findUnfit(request, nodes)];
  if (nodes.length === 0) refusals.push(NOTHING_FLOWS);
  if (refusals.length > 0) return { kind: "refused", refusals };
  return {
    kind: "exported",
    files: [
      { path: "real_sys_config.txt", text: writeRuntimeConfig(request, nodes) },
      { path: "ilp_sol.ini", text: writeSolution(nodes) },
      { path: "simulator_cluster.ini", text: writeSimulatorCluster(request, nodes, "link") },
      { path: "runtime_cluster.ini", text: writeSimulatorCluster(request, nodes, "flow") },
      { path: "cluster.ini", text: writeTopology(request.cluster, nodes) },
      { path: "machine_profile.ini", text: writeMachineProfile(request.cluster, nodes) },
      { path: "nodes.csv", text: writeNodeTable(request, nodes) },
    ],
    steps: [
      "Host: pass `real_sys_config.txt` as `real_sys_config_file_name`, `ilp_sol.ini` as `solution_file_name`, `runtime_cluster.ini` as `simulator_cluster_file_name`, `cluster.ini` as `complete_cluster_file_name` and `machine_profile.ini` as `machine_profile_name` of `run_maxflow_host_online` or `_offline`.",
      `Workers: start one on every host of \`real_sys_config.txt\`: ${nodes.map(({ id }) => quoteMarkdown(hostOf(request, id))).join(", ")}.`,
      "Simulator: `simulator_cluster.ini` with the other INI files and `LayoutMethod.LoadExisting`.",
    ],
    notCarried: [
      "the weights of the routes: the runtime computes a maximum flow of its own from the capacities in these files, and a maximum flow is not unique. In `runtime_cluster.ini` links carry what the plan sends over them and no more, so that the plan's flow is the only one as far as the runtime's own profiles of the machines allow it; `simulator_cluster.ini` has the links as they are",
      "the model, the type of its weights and cache and the share of memory: they belong to the runtime's own model manager",
      ...listNames(request, nodes),
    ],
    notes: [
      "`nodes.csv` says which machine is which node; `import --placement helix ilp_sol.ini nodes.csv` reads the placement back.",
      `Machine types must be among those that Helix's model manager has profiles for; \`machine_num_dict\` counts the whole cluster, idle machines too, since T(k) depends on it: ${countMachines(request)}.`,
      "`vram_size` is twice the weights of the most layers the machine holds (Helix's own rule), `disk_speed` is nominal: neither limits the flow. NICs and links without a limit in the cluster file are written as 1 TB/s.",
    ],
  };
}

/** The runtime connects to addresses; it looks no names up. */
function listNames(request: ExportRequest, nodes: readonly RunningNode[]): readonly string[] {
  const hosts = [COORDINATOR_ID, ...nodes.map(({ id }) => id)].map((id) => hostOf(request, id));
  const names = hosts.filter((host) => !isIP(host));
  if (names.length === 0) return [];
  return [
    `addresses of ${names.length} machines: \`real_sys_config.txt\` holds names there, and the runtime takes literal addresses only (--addresses hosts.csv gives them)`,
  ];
}

/** All machines of the cluster by type, as Python writes it. */
function countMachines({ cluster }: ExportRequest): string {
  const counts = new Map<string, number>();
  cluster.nodes.forEach((_, index) => {
    const name = typeName(cluster, machineOf(cluster, index));
    counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  const entries = [...counts].map(([name, count]) => `${quotePython(name)}: ${count}`);
  return quoteMarkdown(`{${entries.join(", ")}}`);
}

function* findUnfit(request: ExportRequest, nodes: readonly RunningNode[]): Generator<Refusal> {
  for (const { id, layers, gpus, index, kvCacheTokens } of nodes) {
    if (gpus !== 1) {
      yield {
        reason: `a worker of the Helix runtime drives one GPU; this node has ${gpus} as one`,
        nodes: [id],
        layers: [layers],
        remedy:
          'Describe such a machine in the cluster file as several nodes of one GPU each ("gpus": 1, "count": …) and plan again, or leave it out with --drain.',
      };
    }
    if (kvCacheTokens === undefined) {
      yield {
        reason: "the KV cache capacity is not known, and Helix's scheduler needs it",
        nodes: [id],
        layers: [layers],
        remedy: `Give machines.${machineOf(request.cluster, index).name}.profile.kvCacheTokens in the cluster file and plan again.`,
      };
    }
  }
}

function writeNodeTable(request: ExportRequest, nodes: readonly RunningNode[]): string {
  const rows = nodes.map(({ id }, position) =>
    [
      nodeName(position),
      String(position + NODE_OFFSET - 1),
      toCsvCell(id),
      toCsvCell(hostOf(request, id)),
    ].join(","),
  );
  return `name,machine_id,node,host\n${rows.map((row) => `${row}\n`).join("")}`;
}
