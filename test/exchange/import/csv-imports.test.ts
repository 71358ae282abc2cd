import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linkBetween, COORDINATOR } from "../../../src/core/cluster.js";
import { readBandwidthMatrix } from "../../../src/exchange/import/bandwidth-matrix.js";
import type { BandwidthMatrix } from "../../../src/exchange/import/bandwidth-matrix.js";
import { buildClusterFile } from "../../../src/exchange/import/build-cluster-file.js";
import { parseCsv } from "../../../src/formats/parse-csv.js";
import type { ImportedHosts, Parsed } from "../../../src/exchange/import/import-outcome.js";
import { readNvidiaSmi } from "../../../src/exchange/import/nvidia-smi.js";
import { problemPaths, readBack } from "./planned.js";

function value<T>(parsed: Parsed<T>): T {
  if (parsed.kind !== "parsed") throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

describe("parseCsv", () => {
  it("gives back any table of cells with their places", () => {
    const cell = fc.string({ maxLength: 6 }).map((text) => `x${text.replace(/[\r\n]/g, "")}x`);
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 }),
        (table) => {
          const quoted = table.map((row) =>
            row.map((text) => `"${text.replaceAll('"', '""')}"`).join(","),
          );
          const rows = parseCsv(`head,of,table\n${quoted.join("\n")}`).slice(1);
          expect(rows.map((row) => row.map(({ text }) => text))).toEqual(table);
          rows.forEach((row, index) => {
            for (const { line, column } of row) {
              expect(line).toBe(index + 2);
              expect(quoted[index]![column - 1]).toBe('"');
            }
          });
        },
      ),
      { seed: 3, numRuns: 100 },
    );
  });
});

describe("readNvidiaSmi", () => {
  const EIGHT = `name, memory.total [MiB]\n${"NVIDIA A100-SXM4-40GB, 40960 MiB\n".repeat(8)}`;

  it.each<readonly [string, string, ImportedHosts["hosts"]]>([
    ["the usual query", EIGHT, [{ id: "box", gpu: "A100-40GB", gpus: 8 }]],
    ["noheader", "Tesla T4, 15360 MiB\nTesla T4, 15360 MiB\n", [{ id: "box", gpu: "T4", gpus: 2 }]],
    [
      "nounits, another order and Windows line ends",
      "index, memory.total [MiB], name\r\n0, 24564, NVIDIA GeForce RTX 4090\r\n",
      [{ id: "box", gpu: "RTX-4090", gpus: 1 }],
    ],
    [
      "a table of several hosts",
      "host,name,memory.total [MiB]\nn1,NVIDIA L4,23034 MiB\nn2,NVIDIA H100 80GB HBM3,81559 MiB\n",
      [
        { id: "n1", gpu: "L4", gpus: 1 },
        { id: "n2", gpu: "H100-80GB", gpus: 1 },
      ],
    ],
    [
      "a name without the memory",
      "name, memory.total [MiB]\nA100, 81920 MiB\n",
      [{ id: "box", gpu: "A100-80GB", gpus: 1 }],
    ],
  ])("reads %s", (_, text, hosts) => {
    expect(value(readNvidiaSmi(text, "box")).hosts).toEqual(hosts);
  });

  it("keeps the cards it knows beside one it does not", () => {
    const text = "name, memory.total [MiB]\nNVIDIA L4, 23034 MiB\nNVIDIA L44Z, 1 MiB\n";
    const { hosts, leftOut } = value(readNvidiaSmi(text, "box"));
    expect(hosts).toEqual([{ id: "box", gpu: "L4", gpus: 1 }]);
    expect(leftOut?.map(({ path }) => path)).toEqual(["line 3, column 1"]);
  });

  it("makes nodes of their own of different cards in one host", () => {
    const { hosts, assumptions } = value(
      readNvidiaSmi("NVIDIA L4, 23034 MiB\nTesla T4, 15360 MiB\n", "box"),
    );
    expect(hosts.map(({ id }) => id)).toEqual(["box-l4", "box-t4"]);
    expect(assumptions[0]).toContain("box");
  });

  it("makes a cluster that can be planned", () => {
    const cluster = readBack(buildClusterFile(value(readNvidiaSmi(EIGHT, "box")), { name: "smi" }));
    expect(cluster.machines[0]).toMatchObject({ gpu: "A100-40GB", gpus: 8 });
    const small = value(readNvidiaSmi("NVIDIA GeForce RTX 3060, 12288 MiB\n", "desk"));
    expect(readBack(buildClusterFile(small, { name: "desk" })).model.name).toBe("llama-3.2-3b");
  });

  it.each([
    ["an unknown card", "name, memory.total [MiB]\nNVIDIA L44Z, 1 MiB\n", "line 2, column 1"],
    ["memory that is none", "name, memory.total [MiB]\nNVIDIA L4, much\n", "line 2, column 12"],
    ["the table for people", "+------------------+\n| NVIDIA-SMI 570 |\n", "line 1, column 1"],
    ["an error of the tool", "NVIDIA-SMI has failed\n", "line 1, column 1"],
    ["nothing", "", "line 1, column 1"],
  ])("says where there is %s", (_, text, path) => {
    expect(problemPaths(readNvidiaSmi(text, "box"))).toEqual([path]);
  });
});

describe("readBandwidthMatrix", () => {
  const MATRIX = "Gbits/sec,a,b,coordinator\na,-,9.4,1\nb,8.2,,1\ncoordinator,1,1,-\n";
  const planned = (matrix: BandwidthMatrix) =>
    readBack(
      buildClusterFile(
        { hosts: matrix.hosts.map((id) => ({ id, gpu: "A100-80GB", gpus: 2 })), assumptions: [] },
        { name: "m" },
        matrix.network,
      ),
    );

  it("gives every direction its own link", () => {
    const cluster = planned(value(readBandwidthMatrix(MATRIX)));
    expect(linkBetween(cluster, 0, 1)!.bandwidthBytesPerSecond).toBeCloseTo(9.4e9 / 8, 3);
    expect(linkBetween(cluster, 1, 0)!.bandwidthBytesPerSecond).toBeCloseTo(8.2e9 / 8, 3);
    expect(linkBetween(cluster, COORDINATOR, 1)!.bandwidthBytesPerSecond).toBeCloseTo(1e9 / 8, 3);
  });

  it.each([
    ["plain numbers as Mb/s", ",a,b\na,,800\nb,800,\n", 100e6],
    ["units in the cells", ",a,b\na,,941 Mbits/sec\nb,112 MBytes/sec,\n", 941e6 / 8],
    ["semicolons and blanks", "MB/s ; a ; b\na ; - ; 50\nb ; 50 ; -\n", 50e6],
    ["a list of pairs", "from,to,bandwidth (Gb/s)\na,b,8\nb,a,4\n", 1e9],
    ["a list with units", "from,to,bitrate\na,b,1.5 GB/s\nb,a,1 GB/s\n", 1.5e9],
  ])("reads %s", (_, text, rate) => {
    const cluster = planned(value(readBandwidthMatrix(text)));
    expect(linkBetween(cluster, 0, 1)!.bandwidthBytesPerSecond).toBeCloseTo(rate, 3);
    expect(linkBetween(cluster, COORDINATOR, 0)).toBeDefined();
  });

  it("makes no link of an empty cell, whatever else holds in the region", () => {
    const cluster = planned(value(readBandwidthMatrix(",a,b,c\na,,,1\nb,1,,1\nc,1,1,\n")));
    expect(linkBetween(cluster, 0, 1)).toBeUndefined();
    expect(linkBetween(cluster, 1, 0)).toBeDefined();
  });

  it.each([
    ["text for a number", ",a,b\na,,fast\nb,1,\n", "line 2, column 4"],
    ["a negative number", ",a,b\na,,1\nb,-3,\n", "line 3, column 3"],
    ["a row too short", ",a,b\na,\nb,1,\n", "line 2, column 3"],
    ["a row of an unknown host", ",a,b\na,,1\nz,1,\n", "line 3, column 1"],
    ["a host twice", ",a,b\na,,1\na,,1\n", "line 3, column 1"],
    ["no table", "a\n", "line 1, column 1"],
    ["a list without bandwidth", "from,to,speed\na,b,1\n", "line 1, column 1"],
  ])("says where there is %s", (_, text, path) => {
    expect(problemPaths(readBandwidthMatrix(text))).toContain(path);
  });
});
