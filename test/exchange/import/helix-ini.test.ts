import { describe, expect, it } from "vitest";
import { parseIni } from "../../../src/exchange/import/ini.js";
import { linkBetween, COORDINATOR } from "../../../src/core/cluster.js";
import { readHelixIni } from "../../../src/exchange/import/helix-ini.js";
import { parseProduct } from "../../../src/exchange/import/ini.js";
import { expectCluster, problemPaths, readBack } from "./planned.js";

const PLANNER = `# two kinds of machines
[NodeNames]
total_compute_nodes=5

[SourceNode]
connected_nodes=[0, 1, 2, 3, 4]

${[0, 1, 2, 3].map((n) => `[ComputeNode-${n}]\ntype=A100\nconnected_nodes=['source', 'sink']\n`).join("\n")}
[ComputeNode-4]
type = L4x2
connected_nodes = ['source', 0, 1, 'sink']

${[0, 1, 2, 3, 4].map((n) => `[Link-source-${n}]\nbandwidth=14.2 * mbps\nlatency=55 * MilliSec\n\n[Link-${n}-sink]\nbandwidth=11.2 * mbps\nlatency=59 * MilliSec\n`).join("\n")}
[Link-0-1]
bandwidth=1323 * mbps
latency=1 * MilliSec
[Link-1-2]
bandwidth=1 * gbps
latency=1 * MilliSec
[Link-2-3]
bandwidth=1 * gbps
latency=1 * MilliSec
[Link-3-4]
bandwidth=1 * gbps
latency=1 * MilliSec
`;

const MACHINES = `[SourceNode]
inbound_nic_speed = -1
outbound_nic_speed = 10 * gbps

[A100]
inbound_nic_speed = 10 * gbps
outbound_nic_speed = 5 * gbps
vram_size = 40 * GB

[L4x2]
inbound_nic_speed = 10 * gbps
outbound_nic_speed = 10 * gbps
vram_size = 48 * GB
`;

const SIMULATOR = `[Coordinator]
inbound_nic_speed=10000.0 * mbps
outbound_nic_speed=10000.0 * mbps

[ComputeNodes]
names=['compute_node_2', 'compute_node_3']

${[2, 3].map((n) => `[compute_node_${n}]\nvram_size=40000.0 * MB\ninbound_nic_speed=10000.0 * mbps\noutbound_nic_speed=10000.0 * mbps\nmachine_type="A100"\nkv_cache_capacity=725040\n`).join("\n")}
[Links]
names=['link_source_compute_node_3', 'link_compute_node_2_sink', 'link_compute_node_3_compute_node_2']

[link_source_compute_node_3]
in=source
out=compute_node_3
latency=46.0 * MilliSec
bandwidth=13.9 * mbps

[link_compute_node_2_sink]
in=compute_node_2
out=sink
latency=59.0 * MilliSec
bandwidth=11.2 * mbps

[link_compute_node_3_compute_node_2]
in=compute_node_3
out=compute_node_2
latency=1.0 * MilliSec
bandwidth=1125.0 * mbps
`;

const options = { name: "helix" };

describe("readHelixIni", () => {
  it("reads the planner's files: pairs both ways, bytes per second, the slower NIC", () => {
    const cluster = readBack(readHelixIni(PLANNER, MACHINES, options));
    expect(cluster.nodes).toHaveLength(5);
    expect(cluster.machines.map(({ gpu, gpus }) => [gpu, gpus])).toEqual([
      ["A100-40GB", 1],
      ["L4", 2],
    ]);
    expect(cluster.machines[0]!.nicBytesPerSecond).toBe(5e9);
    expect(linkBetween(cluster, 0, 1)).toEqual({
      bandwidthBytesPerSecond: 1323e6,
      latencySeconds: 1e-3,
    });
    expect(linkBetween(cluster, 1, 0)).toEqual(linkBetween(cluster, 0, 1));
    expect(linkBetween(cluster, 0, 2)).toBeUndefined();
    expect(linkBetween(cluster, COORDINATOR, 0)!.bandwidthBytesPerSecond).toBe(14.2e6);
    expect(linkBetween(cluster, 0, COORDINATOR)!.bandwidthBytesPerSecond).toBe(11.2e6);
  });

  it("reads the simulator's file, links in the directions it gives", () => {
    const cluster = readBack(
      readHelixIni(SIMULATOR, undefined, { ...options, model: "llama-2-13b" }),
    );
    expect(cluster.nodes.map(({ id }) => id)).toEqual(["n2", "n3"]);
    expect(linkBetween(cluster, 1, 0)!.bandwidthBytesPerSecond).toBe(1125e6);
    expect(linkBetween(cluster, 0, 1)).toBeUndefined();
    expect(cluster.coordinator.nicBytesPerSecond).toBe(10e9);
  });

  it("says what it assumed", () => {
    const { assumptions } = expectCluster(readHelixIni(PLANNER, undefined, options));
    expect(assumptions).toContain("A100: a NIC of 10 GB/s (no machine profile)");
    expect(assumptions).toContain("L4x2 is 2 × L4");
  });

  it.each([
    [
      "a product that is code",
      PLANNER.replace("1323 * mbps", "__import__('os')"),
      "bandwidth=__import__",
      11,
    ],
    ["a type nobody has", PLANNER.replace("L4x2", "Z9x2"), "type = Z9x2", 8],
    ["a link to nowhere", PLANNER.replace("[Link-3-4]", "[Link-3-9]"), "[Link-3-9]", 1],
    ["a line that is none", PLANNER.replace("[Link-3-4]", "nonsense\n[Link-3-4]"), "nonsense", 1],
    ["a link without bandwidth", `${PLANNER}[Link-2-4]\nlatency=1 * MilliSec\n`, "[Link-2-4]", 1],
  ])("says where there is %s", (_, text, at, column) => {
    const line = text.split("\n").findIndex((row) => row.startsWith(at)) + 1;
    expect(problemPaths(readHelixIni(text, MACHINES, options))).toContain(
      `line ${line}, column ${column}`,
    );
  });

  it("says which of the two files a problem is in, and that an empty one has no nodes", () => {
    expect(problemPaths(readHelixIni(PLANNER, "oops\n", options))[0]).toBe(
      "machine profiles, line 1, column 1",
    );
    expect(problemPaths(readHelixIni("", undefined, options))).toEqual(["line 1, column 1"]);
  });
});

describe("parseProduct", () => {
  it.each([
    ["10 * gbps", 10e9],
    ["1000.0 * mbps", 1e9],
    ["59.00000000000001 * MilliSec", 0.05900000000000001],
    ["2 * 3 * KB", 6000],
    ["-1", -1],
    ["10 * foo", undefined],
    ["10 ** 9", undefined],
    ["process.exit(1)", undefined],
    ["", undefined],
  ])("reads %s", (text, value) => {
    const parsed = parseProduct(text);
    if (value === undefined) expect(parsed).toBeUndefined();
    else expect(parsed).toBeCloseTo(value, 12);
  });
});

it("a line of blanks or comments takes time in proportion to its length", () => {
  // Quadratic work on 400,000 blanks is 10^11 steps, minutes on any machine: far past the limit of a test.
  // Linear work is a few milliseconds, which no load makes minutes.
  const length = 400_000;
  const problems = { add: () => undefined } as unknown as Parameters<typeof parseIni>[1];
  const text = `[a]\nkey = ${" ".repeat(length)}x\n${" \t".repeat(length)}y\n`;
  expect(parseIni(text, problems)).toHaveLength(1);
});
