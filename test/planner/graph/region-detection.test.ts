import { describe, expect, it } from "vitest";
import type { Cluster, Link } from "../../../src/core/cluster.js";
import { detectRegions } from "../../../src/planner/graph/region-detection.js";

const THICK: Link = { bandwidthBytesPerSecond: 1e9, latencySeconds: 0 };
const THIN: Link = { bandwidthBytesPerSecond: 100, latencySeconds: 0 };

/** Nodes that each hold one layer at 100 tokens/s; activations of 10 bytes. */
function buildCluster(
  regionOf: readonly number[],
  byRegion: readonly (readonly (Link | undefined)[])[],
  links: readonly (readonly [number, number, Link | undefined])[] = [],
): Cluster {
  const exceptions = new Map<number, Map<number, Link | undefined>>();
  for (const [from, to, link] of links) {
    if (!exceptions.has(from)) exceptions.set(from, new Map());
    exceptions.get(from)!.set(to, link);
  }
  return {
    name: "test",
    model: {
      name: "test",
      layers: 4,
      layerBytes: 1,
      activationBytes: 10,
      tokenBytes: 1,
      kvBytesPerToken: 1,
    },
    workload: { name: "test", promptTokens: 1, outputTokens: 1 },
    machines: [
      {
        name: "m",
        capacity: { maxLayers: 1, tokensPerSecond: [100], source: "given" },
        nicBytesPerSecond: Infinity,
        gpus: 1,
      },
    ],
    nodes: regionOf.map((region, index) => ({ id: `n${index}`, machine: 0, region })),
    regions: byRegion.map((_, index) => `r${index}`),
    network: { byRegion, exceptions },
    coordinator: { region: 0, nicBytesPerSecond: Infinity },
  };
}

const pairs = (nodes: readonly number[]): [number, number][] =>
  nodes.flatMap((a) => nodes.filter((b) => b !== a).map((b): [number, number] => [a, b]));

describe("detectRegions", () => {
  it("finds the groups in measured links of one declared region", () => {
    const groups = [
      [0, 3, 4],
      [1, 2],
      [5, 6, 7],
    ];
    const links = pairs([0, 1, 2, 3, 4, 5, 6, 7]).map(([a, b]): [number, number, Link] => {
      const together = groups.some((group) => group.includes(a) && group.includes(b));
      return [a, b, together ? THICK : THIN];
    });
    const cluster = buildCluster(Array(8).fill(0), [[undefined]], links);
    expect(detectRegions(cluster).members).toEqual(groups);
  });

  it("joins declared regions whose links never bind, and keeps the others apart", () => {
    const byRegion = [
      [THICK, THICK, THIN],
      [THICK, THICK, THIN],
      [THIN, THIN, THICK],
    ];
    const cluster = buildCluster([0, 1, 2, 0, 1, 2], byRegion);
    expect(detectRegions(cluster).members).toEqual([
      [0, 1, 3, 4],
      [2, 5],
    ]);
  });

  it("takes links that exist in one direction only as better than none", () => {
    const links = pairs([0, 1, 2, 3])
      .filter(([a, b]) => a < b && a < 2 === b < 2)
      .map(([a, b]): [number, number, Link] => [a, b, THICK]);
    const cluster = buildCluster([0, 0, 0, 0], [[undefined]], links);
    expect(detectRegions(cluster, { maxRegions: 2 }).members).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it("keeps to the number of regions wanted", () => {
    const byRegion = Array.from({ length: 9 }, (_, a) =>
      Array.from({ length: 9 }, (__, b) => (a === b ? THICK : THIN)),
    );
    const cluster = buildCluster([...Array(9).keys()], byRegion);
    expect(detectRegions(cluster).count).toBe(5);
    expect(detectRegions(cluster, { maxRegions: 20 }).count).toBe(9);
    expect(detectRegions(cluster, { flowBound: 10 }).count).toBe(1);
  });

  it("handles ten thousand nodes stored as classes", () => {
    const byRegion = Array.from({ length: 10 }, (_, a) =>
      Array.from({ length: 10 }, (__, b) => (a === b ? THICK : THIN)),
    );
    const cluster = buildCluster(
      Array.from({ length: 10_000 }, (_, index) => index % 10),
      byRegion,
    );
    const { members } = detectRegions(cluster, { maxRegions: 10 });
    expect(members.map((nodes) => nodes.length)).toEqual(Array(10).fill(1000));
  });
});
