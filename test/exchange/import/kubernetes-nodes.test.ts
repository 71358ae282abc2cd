import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/core/errors.js";
import { buildClusterFile } from "../../../src/exchange/import/build-cluster-file.js";
import type { ImportedHosts } from "../../../src/exchange/import/import-outcome.js";
import { readKubernetesNodes } from "../../../src/exchange/import/kubernetes-nodes.js";
import { problemPaths, readBack } from "./planned.js";

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly capacity?: Readonly<Record<string, string>>;
  readonly unschedulable?: boolean;
  readonly ready?: "True" | "False";
}

function listing(samples: readonly Sample[]): string {
  const items = samples.map(({ name, labels, capacity, unschedulable, ready }) => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels },
    spec: unschedulable === undefined ? {} : { unschedulable },
    status: {
      capacity: { cpu: "8", ...capacity },
      conditions: [{ type: "Ready", status: ready ?? "True" }],
    },
  }));
  return JSON.stringify({ apiVersion: "v1", kind: "List", items }, null, 2);
}

function read(samples: readonly Sample[]): ImportedHosts {
  const parsed = readKubernetesNodes("nodes.json", listing(samples));
  if (parsed.kind !== "parsed") throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

const ZONE = "topology.kubernetes.io/zone";

const VENDORS: readonly (readonly [string, Sample, string, number])[] = [
  [
    "the NVIDIA GPU operator",
    {
      name: "dgx-1",
      labels: {
        "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB",
        "nvidia.com/gpu.count": "8",
        "nvidia.com/gpu.memory": "81920",
        [ZONE]: "rack-1",
      },
    },
    "A100-80GB",
    8,
  ],
  [
    "time slicing",
    {
      name: "shared",
      labels: { "nvidia.com/gpu.product": "Tesla-T4-SHARED", "nvidia.com/gpu.count": "1" },
    },
    "T4",
    1,
  ],
  [
    "GKE",
    {
      name: "gke-pool-1",
      labels: { "cloud.google.com/gke-accelerator": "nvidia-l4", [ZONE]: "us-east1-b" },
      capacity: { "nvidia.com/gpu": "2" },
    },
    "L4",
    2,
  ],
  [
    "GKE with the old A100 label",
    {
      name: "gke-pool-2",
      labels: {
        "cloud.google.com/gke-accelerator": "nvidia-tesla-a100",
        "cloud.google.com/gke-accelerator-count": "1",
      },
    },
    "A100-40GB",
    1,
  ],
  [
    "Karpenter on AWS",
    {
      name: "ip-10-0-0-1",
      labels: {
        "karpenter.k8s.aws/instance-gpu-name": "a100",
        "karpenter.k8s.aws/instance-gpu-count": "8",
        "karpenter.k8s.aws/instance-gpu-memory": "40960",
        [ZONE]: "us-east-1a",
      },
    },
    "A100-40GB",
    8,
  ],
  [
    "EKS with nothing but the instance type",
    { name: "ip-10-0-0-2", labels: { "node.kubernetes.io/instance-type": "g5.12xlarge" } },
    "A10G",
    4,
  ],
  [
    "AKS",
    {
      name: "aks-gpu-0",
      labels: {
        "node.kubernetes.io/instance-type": "Standard_NC48ads_A100_v4",
        "failure-domain.beta.kubernetes.io/zone": "westeurope-2",
      },
      capacity: { "nvidia.com/gpu": "2" },
    },
    "A100-80GB-PCIe",
    2,
  ],
  [
    "CoreWeave",
    {
      name: "g1",
      labels: { "gpu.nvidia.com/class": "H100_NVL", "gpu.nvidia.com/count": "8" },
    },
    "H100-NVL-94GB",
    8,
  ],
  [
    "the AMD GPU operator",
    {
      name: "mi-0",
      labels: { "amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM" },
      capacity: { "amd.com/gpu": "8" },
    },
    "MI300X",
    8,
  ],
];

describe("readKubernetesNodes", () => {
  it.each(VENDORS)("understands the labels of %s", (_, sample, gpu, gpus) => {
    const [host] = read([sample]).hosts;
    expect(host).toMatchObject({ id: sample.name, gpu, gpus });
  });

  it("makes a cluster of them that can be planned, by zone", () => {
    const hosts = read(VENDORS.map(([, sample]) => sample));
    const cluster = readBack(buildClusterFile(hosts, { name: "k8s" }));
    expect(cluster.nodes).toHaveLength(VENDORS.length);
    expect(cluster.regions).toContain("us-east1-b");
    expect(cluster.model.name).toBe("llama-3-70b");
  });

  it("joins zones of one cloud region like one region, and others not", () => {
    const REGION = "topology.kubernetes.io/region";
    const gpu = { "nvidia.com/gpu.product": "NVIDIA-L4", "nvidia.com/gpu.count": "1" };
    const host = (name: string, zone: string, region: string): Sample => ({
      name,
      labels: { ...gpu, [ZONE]: zone, [REGION]: region },
    });
    const hosts = read([
      host("a", "east-1a", "east"),
      host("b", "east-1b", "east"),
      host("c", "west-1a", "west"),
    ]);
    const outcome = buildClusterFile(hosts, { name: "k8s" });
    if (outcome.kind !== "cluster") throw new Error("problems");
    expect(outcome.file.network?.regions).toEqual([
      { between: ["east-1a", "east-1b"], bandwidth: "10 Gb/s", latency: "1 ms" },
    ]);
    expect(outcome.assumptions).toContain(
      "network: 10 Gb/s and 1 ms within a region and between zones of one cloud region, 1 Gb/s and 10 ms across (nothing was measured)",
    );
    expect(readBack(outcome).nodes).toHaveLength(3);
  });

  it("leaves out nodes without GPUs, cordoned ones and ones that are not ready", () => {
    const gpu = { "nvidia.com/gpu.product": "NVIDIA-L4", "nvidia.com/gpu.count": "1" };
    const { hosts, assumptions } = read([
      { name: "cpu", labels: {} },
      { name: "off", labels: gpu, unschedulable: true },
      { name: "down", labels: gpu, ready: "False" },
      { name: "on", labels: gpu },
    ]);
    expect(hosts.map(({ id }) => id)).toEqual(["on"]);
    expect(assumptions).toEqual([
      "off is cordoned and left out",
      "down is not ready and left out",
      "a node without GPUs is left out",
    ]);
  });

  it("says at which line and column a label is not understood", () => {
    const text = listing([
      {
        name: "b",
        labels: { "nvidia.com/gpu.product": "NVIDIA-H100-80G", "nvidia.com/gpu.count": "1" },
      },
    ]);
    const parsed = readKubernetesNodes("nodes.json", text);
    const line = text.split("\n").findIndex((row) => row.includes("NVIDIA-H100-80G"));
    const column = text.split("\n")[line]!.indexOf('"NVIDIA-H100-80G"');
    expect(problemPaths(parsed)).toEqual([`line ${line + 1}, column ${column + 1}`]);
    expect(parsed.kind === "problems" && parsed.problems[0]!.remedy).toContain("H100-80GB");
  });

  it.each([
    ["slices of a card", { "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB-MIG-1g.5gb" }],
    ["GPUs of no kind", { "nvidia.com/gpu.count": "4" }],
    [
      "a count that is none",
      { "nvidia.com/gpu.product": "NVIDIA-L4", "nvidia.com/gpu.count": "some" },
    ],
  ])("refuses %s with a place", (_, labels) => {
    const parsed = readKubernetesNodes("nodes.json", listing([{ name: "x", labels }]));
    expect(problemPaths(parsed)[0]).toMatch(/^line \d+, column \d+$/);
  });

  it("says where text is not JSON, and that an object is no list", () => {
    const broken = listing(VENDORS.map(([, sample]) => sample)).slice(0, 300);
    expect(() => readKubernetesNodes("nodes.json", broken)).toThrow(InputError);
    expect(() => readKubernetesNodes("nodes.json", broken)).toThrow(/line \d+, column \d+/);
    expect(problemPaths(readKubernetesNodes("nodes.json", "{}"))).toEqual(["line 1, column 1"]);
  });
});

it("a node that is listed again is left out with its place, and loses none of the others", () => {
  const card = (product: string) => ({
    labels: { "nvidia.com/gpu.product": product, "nvidia.com/gpu.count": "1" },
    capacity: { "nvidia.com/gpu": "1" },
  });
  const { hosts, leftOut } = read([
    { name: "a", ...card("NVIDIA-L4") },
    { name: "b", ...card("NVIDIA-L4") },
    { name: "a", ...card("Tesla-T4") },
  ]);
  expect(hosts.map(({ id, gpu }) => [id, gpu])).toEqual([
    ["a", "L4"],
    ["b", "L4"],
  ]);
  expect(leftOut?.map(({ found }) => found)).toEqual(["the node a again"]);
});
