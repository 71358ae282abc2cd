import { describe, expect, it } from "vitest";
import { readNvidiaSmi } from "../../../src/exchange/import/nvidia-smi.js";
import { buildClusterFile } from "../../../src/exchange/import/build-cluster-file.js";
import type { ImportedHost } from "../../../src/exchange/import/import-outcome.js";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import { identifyGpu } from "../../../src/exchange/import/identify-gpu.js";

const XML = `<?xml version="1.0" ?>
<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">
<nvidia_smi_log>
 <attached_gpus>2</attached_gpus>
 <gpu id="00000000:01:00.0"><product_name>NVIDIA A30</product_name>
  <mig_mode><current_mig>Disabled</current_mig></mig_mode>
  <fb_memory_usage><total>24576 MiB</total><free>24200 MiB</free></fb_memory_usage></gpu>
 <gpu id="00000000:02:00.0"><product_name>NVIDIA A30</product_name>
  <mig_mode><current_mig>Enabled</current_mig></mig_mode>
  <fb_memory_usage><total>24576 MiB</total></fb_memory_usage></gpu>
</nvidia_smi_log>`;

const MIG_LIST = `GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-0)
  MIG 1g.5gb      Device  0: (UUID: MIG-0)
  MIG 1g.5gb      Device  1: (UUID: MIG-1)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-1)
`;

const ROCM_CSV = `device,VRAM Total Memory (B),VRAM Total Used Memory (B),Card Series,Card Model
card0,68702699520,297783296,AMD Instinct MI210,0x740f
card1,68702699520,60702699520,AMD Instinct MI210,0x740f
`;

const ROCM_JSON = JSON.stringify({
  card0: { "VRAM Total Memory (B)": "25753026560", "Card Series": "Radeon RX 7900 XTX" },
  system: { "Driver version": "6.8" },
});

describe("what drivers list", () => {
  it.each<readonly [string, string, object]>([
    ["nvidia-smi -q -x", XML, { gpu: "A30", gpus: 1 }],
    ["nvidia-smi -L", MIG_LIST, { gpu: "A100-40GB", gpus: 1 }],
    ["rocm-smi as JSON", ROCM_JSON, { gpu: "RX-7900-XTX", gpus: 1 }],
    [
      "unified memory that is not said",
      "name, memory.total [MiB]\nNVIDIA GB10, [N/A]\n",
      { gpu: "GB10", gpus: 1 },
    ],
    [
      "no head, an index",
      "0, NVIDIA L4, 23034 MiB\n1, NVIDIA L4, 23034 MiB\n",
      { gpu: "L4", gpus: 2 },
    ],
  ])("is read from %s", (_, text, host) => {
    const parsed = readNvidiaSmi(text, "box");
    expect(parsed.kind === "parsed" ? parsed.value.hosts : parsed.problems).toMatchObject([host]);
  });

  it("tells of slices beside whole cards", () => {
    for (const text of [XML, MIG_LIST]) {
      const parsed = readNvidiaSmi(text, "box");
      expect(parsed.kind === "parsed" && parsed.value.leftOut![0]!.found).toContain("MIG");
    }
  });

  it("plans with the memory that is free on the fullest of cards that are about as full", () => {
    const text = "name, memory.total [MiB], memory.free [MiB]\n";
    const card = (free: number): string => `NVIDIA L4, 23034 MiB, ${free} MiB\n`;
    const parsed = readNvidiaSmi(text + card(20_000) + card(18_000), "box");
    expect(parsed.kind === "parsed" && parsed.value.hosts[0]).toEqual({
      id: "box",
      gpu: "L4",
      gpus: 2,
      memoryBytes: 2 * 18_000 * 2 ** 20,
    });
  });

  it("keeps a card apart of which other programs hold much more than of those beside it", () => {
    const parsed = readNvidiaSmi(ROCM_CSV, "box");
    if (parsed.kind !== "parsed") throw new Error(parsed.problems[0]!.found);
    const free = 68702699520 - 60702699520;
    expect(parsed.value.hosts[0]).toMatchObject({
      gpus: 2,
      cards: [{ count: 1 }, { count: 1, memoryBytes: expect.closeTo(free, -3) }],
    });
    expect(parsed.value.hosts[0]).not.toHaveProperty("memoryBytes");
    const built = buildClusterFile(parsed.value, { name: "x" });
    if (built.kind !== "cluster") throw new Error(built.problems[0]!.found);
    expect(Object.values(built.file.machines)).toEqual([
      {
        cards: [
          { gpu: "MI210", count: 1 },
          { gpu: "MI210", count: 1, freeMemory: expect.closeTo(free, -3) },
        ],
      },
    ]);
    // The free card alone holds this model; twice what is free on the other does not.
    expect(built.file.model).toBe("llama-3-8b");
    const { cluster } = loadCluster("x", JSON.stringify(built.file));
    expect(new Set(cluster.nodes.map(({ machine }) => cluster.machines[machine]!.name)).size).toBe(
      2,
    );
  });

  it("plans every host with what is free there, to the byte", () => {
    const host = (id: string, memoryBytes: number): ImportedHost => ({
      id,
      gpu: "L4",
      gpus: 1,
      memoryBytes,
    });
    const hosts = [host("a", 20.9e9), host("b", 20.1e9), host("c", 20.9e9)];
    const built = buildClusterFile({ hosts, assumptions: [] }, { name: "x" });
    if (built.kind !== "cluster") throw new Error(built.problems[0]!.found);
    const { machines, nodes } = built.file;
    expect(nodes.map(({ machine }) => machines[machine]!.memory)).toEqual([20.9e9, 20.1e9, 20.9e9]);
    expect(Object.keys(machines)).toHaveLength(2);
  });

  it("takes a nameless AMD card by --gpu or by a memory that only one has, and says so", () => {
    const text = "device,VRAM Total Memory (B)\ncard0,206141652992\n";
    const guessed = readNvidiaSmi(text, "box");
    expect(guessed.kind === "parsed" && guessed.value.hosts[0]!.gpu).toBe("MI300X");
    expect(guessed.kind === "parsed" && guessed.value.assumptions[0]).toContain("--gpu");
    const unnamed = readNvidiaSmi("device,VRAM Total Memory (B)\ncard0,34342961152\n", "box");
    expect(unnamed.kind).toBe("problems");
    const named = readNvidiaSmi(
      "device,VRAM Total Memory (B)\ncard0,34342961152\n",
      "box",
      "MI100",
    );
    expect(named.kind === "parsed" && named.value.hosts[0]!.gpu).toBe("MI100");
  });
});

describe("identifyGpu", () => {
  /** Names as drivers, clouds and labels write them, with the memory reported (MiB). */
  const KNOWN: readonly (readonly [string, number | undefined, string])[] = [
    ["NVIDIA A100-SXM4-40GB", 40960, "A100-40GB"],
    ["NVIDIA A100-SXM4-80GB", 81920, "A100-80GB"],
    ["NVIDIA A100-PCIE-40GB", 40960, "A100-40GB-PCIe"],
    ["NVIDIA A100 80GB PCIe", 81920, "A100-80GB-PCIe"],
    ["A100-SXM-80GB", 81920, "A100-80GB"],
    ["NVIDIA A800-SXM4-80GB", 81920, "A800-80GB"],
    ["NVIDIA H100 80GB HBM3", 81559, "H100-80GB"],
    ["NVIDIA H100 PCIe", 81559, "H100-80GB-PCIe"],
    ["NVIDIA H100 NVL", 95830, "H100-NVL-94GB"],
    ["H100_NVLINK_80GB", undefined, "H100-80GB"],
    ["nvidia-h100-mega-80gb", undefined, "H100-80GB"],
    ["NVIDIA H200", 143771, "H200-141GB"],
    ["NVIDIA H200 NVL", 143771, "H200-NVL-141GB"],
    ["NVIDIA H20", 97871, "H20-96GB"],
    ["NVIDIA H20-3e", 143771, "H20-141GB"],
    ["NVIDIA H800", 81559, "H800-80GB"],
    ["NVIDIA GH200 480GB", 97871, "GH200-96GB"],
    ["NVIDIA GH200 144G HBM3e", 146812, "GH200-144GB"],
    ["NVIDIA B200", 183359, "B200-180GB"],
    ["NVIDIA GB200", 189471, "GB200-186GB"],
    ["NVIDIA B300 SXM6 AC", 275040, "B300-288GB"],
    ["Tesla V100-SXM2-16GB", 16160, "V100-16GB"],
    ["Tesla V100-PCIE-32GB", 32510, "V100-PCIe-32GB"],
    ["nvidia-tesla-v100", undefined, "V100-16GB"],
    ["Tesla P40", 22919, "P40"],
    ["Tesla P100-PCIE-16GB", 16280, "P100-PCIe-16GB"],
    ["Tesla T4", 15360, "T4"],
    ["NVIDIA A10G", 23028, "A10G"],
    ["NVIDIA A10", 23028, "A10"],
    ["NVIDIA L4", 23034, "L4"],
    ["NVIDIA L40", 46068, "L40"],
    ["NVIDIA L40S", 46068, "L40S"],
    ["NVIDIA L20", 46068, "L20"],
    ["NVIDIA RTX A6000", 49140, "RTX-A6000"],
    ["NVIDIA RTX 6000 Ada Generation", 49140, "RTX-6000-Ada"],
    ["Quadro RTX 6000", 24220, "Quadro-RTX-6000"],
    ["NVIDIA RTX 4000 SFF Ada Generation", 20475, "RTX-4000-SFF-Ada"],
    ["NVIDIA RTX PRO 6000 Blackwell Server Edition", 97887, "RTX-PRO-6000-Server"],
    ["NVIDIA RTX PRO 6000 Blackwell Workstation Edition", 97887, "RTX-PRO-6000-Workstation"],
    ["NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition", 97887, "RTX-PRO-6000-Max-Q"],
    ["NVIDIA GeForce RTX 4060 Ti", 8188, "RTX-4060-Ti-8GB"],
    ["NVIDIA GeForce RTX 4060 Ti", 16380, "RTX-4060-Ti-16GB"],
    ["NVIDIA GeForce RTX 3080", 12288, "RTX-3080-12GB"],
    ["NVIDIA GeForce RTX 3060", 8192, "RTX-3060-8GB"],
    ["NVIDIA GeForce RTX 5090", 32607, "RTX-5090"],
    ["NVIDIA GeForce RTX 5060 Ti", 16311, "RTX-5060-Ti-16GB"],
    ["NVIDIA GB10", undefined, "GB10"],
    ["NVIDIA Thor", undefined, "Jetson-AGX-Thor"],
    ["AMD Instinct MI300X OAM", 196592, "MI300X"],
    ["AMD Instinct MI325X", 262128, "MI325X"],
    ["AMD Radeon RX 7900 XTX", 24560, "RX-7900-XTX"],
    ["AMD Radeon PRO W7900", 49136, "PRO-W7900"],
    ["Intel(R) Arc(TM) Pro B60 Graphics", 24480, "Arc-Pro-B60"],
  ];

  it.each(KNOWN)("knows %s with %s MiB as %s", (name, memory, expected) => {
    expect(identifyGpu(name, memory)).toMatchObject({ kind: "gpu", name: expected });
    expect(identifyGpu(name.replaceAll(" ", "-"), memory)).toMatchObject({ name: expected });
  });

  it.each([
    ["NVIDIA GeForce RTX 4090 Laptop GPU", 16376],
    ["NVIDIA GeForce RTX 3080 Laptop GPU", 16384],
    ["NVIDIA RTX 3000 Ada Generation Laptop GPU", 8188],
    ["GRID A100D-80C", 81920],
    ["NVIDIA A10-24Q", 24576],
    ["NVIDIA L40S-48Q", 49152],
    ["GRID T4-8C", 8192],
    ["NVIDIA A100-SXM4-40GB MIG 1g.5gb", 4864],
    ["NVIDIA-A100-SXM4-80GB-MIG-3g.40gb", 40448],
    ["NVIDIA A100X", 81920],
    ["NVIDIA CMP 170HX", 8192],
    ["NVIDIA T400 4GB", 4096],
    ["NVIDIA T1000", 8192],
    ["NVIDIA L2", 24000],
    ["Tesla K80", 11441],
    ["AMD Instinct MI308X", 196592],
    ["AMD Radeon Graphics", 512],
    ["NVIDIA A100-SXM4-80GB", 20480],
    ["NVIDIA A100", undefined],
    ["NVIDIA GeForce RTX 4060 Ti", undefined],
    ["RTX 6000", undefined],
    ["RTX 5000", undefined],
  ])("does not take %s with %s MiB for another card", (name, memory) => {
    const gpu = identifyGpu(name, memory);
    expect(gpu.kind).toBe("unknown");
    expect(gpu.kind === "unknown" && gpu.remedy.length).toBeGreaterThan(20);
  });

  it.each([
    ["NVIDIA GeForce RTX 2080 Ti", 22528, 22],
    ["NVIDIA GeForce RTX 4090", 49140, 48],
    ["NVIDIA GeForce RTX 3080", 20480, 20],
  ])("builds a card of its own from %s with %s MiB, and says so", (name, memory, gigabytes) => {
    const gpu = identifyGpu(name, memory);
    expect(gpu).toMatchObject({ kind: "gpu", own: { memory: gigabytes * 1e9 } });
    expect(gpu.kind === "gpu" && gpu.assumption).toContain(`${gigabytes} GB`);
  });
});
