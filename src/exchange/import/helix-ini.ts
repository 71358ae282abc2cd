import type { ClusterFile } from "../../formats/cluster-schema.js";
import { CLUSTER_FORMAT } from "../../formats/cluster-schema.js";
import { chooseModel, modelEntry } from "./build-cluster-file.js";
import type { ImportOptions } from "./build-cluster-file.js";
import { readHelixLinks } from "./helix-links.js";
import { identifyHelixMachine } from "./helix-machines.js";
import { createTextProblems } from "./import-outcome.js";
import type { ImportOutcome, TextProblems } from "./import-outcome.js";
import { parseIni, parseProduct, unquote } from "./ini.js";
import type { IniSection } from "./ini.js";

/** A node of the artifact: its name here, and its machine type there. */
interface HelixNode {
  readonly id: string;
  readonly type: string;
  readonly section: IniSection;
}

const DEFAULT_NIC = 10e9;

/**
 * The Helix artifact's cluster INI, either of its kinds: the planner's (`[ComputeNode-0]`,
 * `[Link-source-0]`) with its machine profiles, or the simulator's (`[compute_node_2]`,
 * `[link_source_compute_node_2]`), which carries the NIC speeds itself.
 * @param machineText the planner's machine profile INI, where there is one.
 */
export function readHelixIni(
  clusterText: string,
  machineText: string | undefined,
  options: ImportOptions,
): ImportOutcome {
  const problems = createTextProblems();
  const sections = parseIni(clusterText, problems);
  const profileProblems = createTextProblems();
  const profiles = machineText === undefined ? undefined : parseIni(machineText, profileProblems);
  const assumptions: string[] = [];
  const nodes = readNodes(sections, problems);
  const machines = readMachines(nodes, profiles, problems, assumptions);
  const links = readHelixLinks(
    sections,
    nodes.map(({ id }) => id),
    problems,
  );
  if (nodes.length === 0 && problems.list.length === 0) {
    const remedy = "Give the cluster file of the artifact (config/*.ini or simulator_cluster.ini).";
    problems.add(
      { line: 1, column: 1 },
      "no compute node",
      "[ComputeNode-0] or [compute_node_2] …",
      remedy,
    );
  }
  const inMachineFile = profileProblems.list.map((problem) => ({
    ...problem,
    path: `machine profiles, ${problem.path}`,
  }));
  const all = [...problems.list, ...inMachineFile];
  if (all.length > 0) return { kind: "problems", problems: all };
  const hosts = nodes.map(({ type }) => identifyHelixMachine(type)!);
  assumptions.push("bandwidths are bytes per second, as the artifact means them");
  const file: ClusterFile = {
    format: CLUSTER_FORMAT,
    name: options.name,
    model: modelEntry(options.model ?? chooseModel(hosts, assumptions)),
    workload: "azure-conversation",
    machines,
    nodes: nodes.map(({ id, type }) => ({ id, machine: type.toLowerCase() })),
    network: { links },
    coordinator: { nic: coordinatorNic(sections, profiles) ?? DEFAULT_NIC },
  };
  assumptions.push("workload: azure-conversation, the artifact's own");
  return { kind: "cluster", file, assumptions };
}

function readNodes(sections: readonly IniSection[], problems: TextProblems): readonly HelixNode[] {
  return sections.flatMap((section) => {
    const id =
      /^ComputeNode-(\d+)$/.exec(section.name)?.[1] ??
      /^compute_node_(\d+)$/.exec(section.name)?.[1];
    if (id === undefined) return [];
    const type = section.values.get("type") ?? section.values.get("machine_type");
    if (type === undefined) {
      problems.add(
        section,
        `[${section.name}] without a type`,
        "type = A100 or the like",
        "Add it.",
      );
      return [];
    }
    const name = unquote(type.text);
    if (identifyHelixMachine(name) === undefined) {
      const expected = "a machine such as A100, L4x2 or T4x4";
      problems.add(
        type,
        JSON.stringify(name),
        expected,
        "Use one of the artifact's machine types.",
      );
      return [];
    }
    return [{ id: `n${id}`, type: name, section }];
  });
}

function readMachines(
  nodes: readonly HelixNode[],
  profiles: readonly IniSection[] | undefined,
  problems: TextProblems,
  assumptions: string[],
): ClusterFile["machines"] {
  const machines: ClusterFile["machines"] = {};
  for (const { type, section } of nodes) {
    const key = type.toLowerCase();
    if (Object.hasOwn(machines, key)) continue;
    const source = profiles?.find(({ name }) => name === type) ?? section;
    const speeds = ["inbound_nic_speed", "outbound_nic_speed"].map((name) =>
      source.values.get(name),
    );
    const rates = speeds.map((value) =>
      value === undefined ? undefined : parseProduct(value.text),
    );
    rates.forEach((rate, index) => {
      const value = speeds[index];
      if (value !== undefined && rate === undefined) {
        problems.add(
          value,
          JSON.stringify(value.text),
          "a product such as 10 * gbps",
          "Correct the value.",
        );
      }
    });
    const known = rates.filter((rate) => rate !== undefined && rate > 0) as number[];
    if (known.length === 0) assumptions.push(`${type}: a NIC of 10 GB/s (no machine profile)`);
    const { gpu, gpus } = identifyHelixMachine(type)!;
    // Helix runs them as one, whatever a planner would choose.
    const together = gpus > 1 ? { tensorParallel: gpus, interconnect: "pcie" as const } : {};
    machines[key] = {
      gpu,
      gpus,
      nic: known.length === 0 ? DEFAULT_NIC : Math.min(...known),
      ...together,
    };
    assumptions.push(`${type} is ${gpus} × ${gpu}`);
  }
  return machines;
}

function coordinatorNic(
  sections: readonly IniSection[],
  profiles: readonly IniSection[] | undefined,
): number | undefined {
  const sources = [...sections, ...(profiles ?? [])].filter(({ name }) =>
    ["Coordinator", "SourceNode", "SinkNode"].includes(name),
  );
  const rates = sources.flatMap(({ values }) =>
    ["inbound_nic_speed", "outbound_nic_speed"].flatMap((key) => {
      const rate = parseProduct(values.get(key)?.text ?? "");
      return rate !== undefined && rate > 0 ? [rate] : [];
    }),
  );
  return rates.length === 0 ? undefined : Math.min(...rates);
}
