import { stringify } from "yaml";
import { describe, expect, it } from "vitest";
import { readKubernetesNodes } from "../../../src/exchange/import/kubernetes-nodes.js";

interface Sample {
  readonly name?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly capacity?: Readonly<Record<string, string>>;
  readonly allocatable?: Readonly<Record<string, string>>;
}

function nodes(samples: readonly Sample[]) {
  const items = samples.map(({ name, labels, capacity, allocatable }, index) => ({
    kind: "Node",
    metadata: { name: name ?? `n${index}`, labels },
    status: { capacity, allocatable: allocatable ?? capacity },
  }));
  return { kind: "List", items };
}

function read(...samples: readonly Sample[]) {
  return readKubernetesNodes("nodes.json", JSON.stringify(nodes(samples)));
}

const INSTANCE = "node.kubernetes.io/instance-type";
const nvidia = (product: string, count: number, memory?: number) => ({
  "nvidia.com/gpu.product": product,
  "nvidia.com/gpu.count": String(count),
  ...(memory === undefined ? {} : { "nvidia.com/gpu.memory": String(memory) }),
});
const offers = (count: number) => ({ "nvidia.com/gpu": String(count) });

describe("whole cards of a Kubernetes node", () => {
  it.each<readonly [string, Sample, string, number]>([
    [
      "time slicing of the GPU operator, 4 shares a card",
      {
        labels: { ...nvidia("NVIDIA-A10-SHARED", 2, 23028), "nvidia.com/gpu.replicas": "4" },
        capacity: offers(8),
      },
      "A10",
      2,
    ],
    [
      "shares under a name of their own",
      {
        labels: { ...nvidia("Tesla-T4", 1), "nvidia.com/gpu.replicas": "10" },
        capacity: { "nvidia.com/gpu": "0", "nvidia.com/gpu.shared": "10" },
      },
      "T4",
      1,
    ],
    [
      "MPS on GKE",
      {
        labels: {
          "cloud.google.com/gke-accelerator": "nvidia-l4",
          "cloud.google.com/gke-max-shared-clients-per-gpu": "3",
        },
        capacity: offers(6),
      },
      "L4",
      2,
    ],
    [
      "slicing without any label: the instance type knows",
      { labels: { [INSTANCE]: "G4DN.12xlarge" }, capacity: offers(40) },
      "T4",
      4,
    ],
    [
      "cards that are partly broken",
      {
        labels: nvidia("NVIDIA-A100-SXM4-80GB", 8, 81920),
        capacity: offers(8),
        allocatable: offers(5),
      },
      "A100-80GB",
      5,
    ],
    [
      "some cards sliced, the others whole",
      {
        labels: nvidia("NVIDIA-H100-80GB-HBM3", 8, 81559),
        capacity: { ...offers(3), "nvidia.com/mig-1g.10gb": "35" },
      },
      "H100-80GB",
      3,
    ],
    [
      "MI300X in two partitions, by the memory alone",
      {
        labels: {
          "amd.com/gpu.product-name": "AMD_Instinct_MI300X_OAM",
          "amd.com/gpu.vram": "96G",
        },
        capacity: { "amd.com/gpu": "16" },
      },
      "MI300X",
      8,
    ],
    [
      "AMD's older labels",
      {
        labels: { "beta.amd.com/gpu.product-name.AMD_Instinct_MI210": "4" },
        capacity: { "amd.com/gpu": "4" },
      },
      "MI210",
      4,
    ],
  ])("counts %s", (_, sample, gpu, gpus) => {
    const parsed = read(sample);
    expect(parsed.kind === "parsed" ? parsed.value.hosts : parsed.problems).toMatchObject([
      { gpu, gpus },
    ]);
  });

  it("keeps the nodes it can read beside those it cannot, each with a remedy", () => {
    const parsed = read(
      { name: "whole", labels: nvidia("NVIDIA-L4", 1, 23034), capacity: offers(1) },
      { name: "sliced", labels: nvidia("NVIDIA-A100-PCIE-40GB-MIG-1g.5gb", 14, 4864) },
      {
        name: "partition",
        labels: {
          "cloud.google.com/gke-accelerator": "nvidia-tesla-a100",
          "cloud.google.com/gke-gpu-partition-size": "1g.5gb",
        },
      },
      { name: "dead", labels: nvidia("NVIDIA-L4", 1, 23034), capacity: offers(0) },
      { name: "new", labels: nvidia("NVIDIA-Z9000", 1, 99999), capacity: offers(1) },
      { name: "nameless-amd", labels: {}, capacity: { "amd.com/gpu": "8" } },
    );
    if (parsed.kind !== "parsed") throw new Error("nothing was read");
    expect(parsed.value.hosts.map(({ id }) => id)).toEqual(["whole"]);
    const leftOut = parsed.value.leftOut!;
    expect(leftOut).toHaveLength(5);
    expect(leftOut[3]!.remedy).toContain('"NVIDIA-Z9000"'.replace("NVIDIA-", ""));
    expect(leftOut[4]!.remedy).toContain("amd.com/gpu.product-name");
  });

  it("says where labels and instance type disagree", () => {
    const parsed = read({
      labels: { ...nvidia("NVIDIA-L40S", 1, 46068), [INSTANCE]: "g6.xlarge" },
      capacity: offers(1),
    });
    expect(parsed.kind === "parsed" && parsed.value.assumptions.join()).toContain("L40S");
    expect(parsed.kind === "parsed" && parsed.value.hosts[0]!.gpu).toBe("L40S");
  });

  it("reads YAML as it reads JSON, with places", () => {
    const samples = [
      { labels: nvidia("NVIDIA-L4", 2, 23034), capacity: offers(2) },
      { labels: nvidia("NVIDIA-Z9000", 1), capacity: offers(1) },
    ];
    const text = stringify(nodes(samples));
    const yaml = readKubernetesNodes("nodes.yaml", text);
    if (yaml.kind !== "parsed") throw new Error("nothing was read");
    expect(yaml.value.hosts).toEqual([{ id: "n0", gpu: "L4", gpus: 2 }]);
    const line = text.split("\n").findIndex((row) => row.includes("Z9000")) + 1;
    expect(yaml.value.leftOut![0]!.path).toMatch(new RegExp(`^line ${line}, `));
    expect(() => readKubernetesNodes("nodes.yaml", "a: [1")).toThrow(/line/);
  });
});
