import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import type { Placement } from "../../../src/core/placement.js";
import { exportPlacement } from "../../../src/exchange/export/export-placement.js";
import type { ExportTargetName } from "../../../src/exchange/export/targets.js";
import { kubernetesObject } from "./kubernetes-schemas.js";
import { describe as placementOf } from "./shapes.js";

interface Loose {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly selector: Readonly<Record<string, string>>;
    readonly rules: readonly {
      readonly backendRefs: readonly { readonly name: string; readonly weight: number }[];
    }[];
    readonly leaderWorkerTemplate: {
      readonly leaderTemplate: {
        readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      };
    };
  };
}

/** Kubernetes objects of a plan of so many chains of two nodes each. */
function objects(count: number, target: ExportTargetName): readonly Loose[] {
  const machines = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `m${index}`,
      {
        gpu: "L4",
        profile: {
          tokensPerSecond: [4000 + 37 * (index % 23), 2000 + 37 * (index % 23)],
          kvCacheTokens: [9000, 4000],
        },
      },
    ]),
  );
  const text = JSON.stringify({
    format: "helix-place/cluster@1",
    name: "many",
    model: {
      name: "m",
      layers: 4,
      layerBytes: 1e8,
      activationBytes: 4096,
      tokenBytes: 2,
      kvBytesPerToken: 1024,
    },
    machines,
    nodes: Object.keys(machines).flatMap((machine) => [
      { id: `${machine}-a`, machine, region: machine },
      { id: `${machine}-b`, machine, region: machine },
    ]),
    network: {
      withinRegion: { bandwidth: "10 Gb/s" },
      regions: Object.keys(machines).flatMap((machine) => [
        { between: ["front", machine], bandwidth: "100 Gb/s" },
      ]),
    },
    coordinator: { region: "front" },
  });
  const { cluster } = loadCluster("many", text);
  const placement: Placement = cluster.nodes.map((_, index) => (index % 2 === 0 ? [0, 2] : [2, 4]));
  const outcome = exportPlacement(cluster, placementOf(cluster, placement), { target });
  if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.refusals));
  return outcome.files
    .filter(({ path }) => path.endsWith(".yaml"))
    .flatMap((file) => parseAllDocuments(file.text).map((document) => document.toJS() as Loose));
}

describe.each([1, 2, 15, 16, 17, 20, 40])("%i chains on Kubernetes", (count) => {
  it("are objects that Kubernetes takes, each name once, beside the Service of the set's own name", () => {
    for (const target of ["lws", "dynamo", "k8s-gateway"] as const) {
      const all = objects(count, target);
      for (const object of all) kubernetesObject.parse(object);
      const names = all.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
      const sets = all.filter(({ kind }) => kind === "LeaderWorkerSet");
      const made = new Set(sets.map(({ metadata }) => `Service ${metadata.name}`));
      expect(names.filter((name) => made.has(name))).toEqual([]);
    }
  });

  it("share at most 16 backends, whose Services select every leader once", () => {
    const gateway = objects(count, "k8s-gateway");
    const route = gateway.find(({ kind }) => kind === "HTTPRoute")!;
    const backends = route.spec.rules[0]!.backendRefs;
    expect(backends.length).toBe(Math.min(16, count));
    expect(backends.reduce((sum, { weight }) => sum + weight, 0)).toBe(1000);
    const services = gateway.filter(({ kind }) => kind === "Service");
    expect(services.map(({ metadata }) => metadata.name)).toEqual(backends.map(({ name }) => name));
    const leaders = objects(count, "lws")
      .filter(({ kind }) => kind === "LeaderWorkerSet")
      .map(({ spec }) => spec.leaderWorkerTemplate.leaderTemplate.metadata.labels);
    for (const labels of leaders) {
      const selecting = services.filter(({ spec }) =>
        Object.entries(spec.selector).every(([key, value]) => labels[key] === value),
      );
      expect(selecting.length).toBe(1);
    }
  });
});
