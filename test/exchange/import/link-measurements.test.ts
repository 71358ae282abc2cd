import { describe, expect, it } from "vitest";
import { importCluster } from "../../../src/node/open-files.js";
import { readIperf } from "../../../src/exchange/import/iperf3.js";

function iperf(
  bitsPerSecond: number,
  options: { reverse?: number; rtt?: number; back?: number } = {},
) {
  const { reverse = 0, rtt, back } = options;
  return JSON.stringify({
    start: {
      connected: [{ local_host: "10.0.0.1", remote_host: "10.0.0.2" }],
      connecting_to: { host: "b" },
      test_start: { reverse },
    },
    end: {
      streams: [{ sender: { mean_rtt: rtt } }],
      sum_sent: { bits_per_second: bitsPerSecond * 1.01 },
      sum_received: { bits_per_second: bitsPerSecond },
      ...(back === undefined ? {} : { sum_received_bidir_reverse: { bits_per_second: back } }),
    },
  });
}

function linkOf(results: Parameters<typeof readIperf>[0], from: string, to: string) {
  const parsed = readIperf(results);
  if (parsed.kind !== "parsed") throw new Error(JSON.stringify(parsed.problems));
  return parsed.value.network.links!.find((link) => link.from === from && link.to === to);
}

describe("readIperf", () => {
  const ends = { source: "ab.json", from: "a", to: "b" };

  it("takes the rate that arrives and half of the round trip", () => {
    const results = [{ ...ends, text: iperf(8e9, { rtt: 600 }) }];
    expect(linkOf(results, "a", "b")).toMatchObject({ bandwidth: 1e9, latency: 300e-6 });
    expect(linkOf(results, "b", "a")).toMatchObject({ bandwidth: 1e9 });
  });

  it("knows both directions of -R and --bidir", () => {
    const back = [
      { ...ends, text: iperf(8e9, { reverse: 1 }) },
      { ...ends, text: iperf(4e9) },
    ];
    expect(linkOf(back, "b", "a")).toMatchObject({ bandwidth: 1e9 });
    expect(linkOf(back, "a", "b")).toMatchObject({ bandwidth: 0.5e9 });
    const both = [{ ...ends, text: iperf(8e9, { back: 2e9 }) }];
    expect(linkOf(both, "b", "a")).toMatchObject({ bandwidth: 0.25e9 });
  });

  it("keeps good runs beside failed ones", () => {
    const failed = { ...ends, source: "x.json", text: '{"error": "unable to connect"}' };
    const parsed = readIperf([{ ...ends, text: iperf(1e9) }, failed]);
    expect(parsed.kind).toBe("parsed");
    expect(parsed.leftOut).toMatchObject([{ path: "x.json" }]);
    expect(readIperf([failed]).kind).toBe("problems");
  });
});

describe("links of machines with several kinds of cards", () => {
  it("belong to each of their nodes, and latencies are kept", async () => {
    const files: Readonly<Record<string, string>> = {
      "box.csv": "NVIDIA L4, 23034 MiB\nTesla T4, 15360 MiB\n",
      "far.csv": "NVIDIA L4, 23034 MiB\n",
      "links.csv": "from,to,bandwidth,rtt (ms)\nbox,far,940 Mb/s,0.8\nfar,box,930 Mb/s,0.8\n",
    };
    const { file } = await importCluster(
      { nvidiaSmi: ["box.csv", "far.csv"], bandwidth: "links.csv" },
      (path) => Promise.resolve(files[path]!),
    );
    const links = new Map(file.network.links!.map((link) => [`${link.from} ${link.to}`, link]));
    expect([...links.keys()].toSorted()).toEqual([
      "box-l4 box-t4",
      "box-l4 far",
      "box-t4 box-l4",
      "box-t4 far",
      "far box-l4",
      "far box-t4",
    ]);
    expect(links.get("box-t4 far")).toMatchObject({ bandwidth: 940e6 / 8, latency: 0.4e-3 });
  });
});
