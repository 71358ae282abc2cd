import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { ExportTargetName } from "../../../src/exchange/export/targets.js";
import { kubernetesObject } from "./kubernetes-schemas.js";
import { exportManyChains } from "./many-chains.js";

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

function objects(count: number, target: ExportTargetName): readonly Loose[] {
  return exportManyChains(count, target).flatMap((file) =>
    parseAllDocuments(file.text).map((document) => document.toJS() as Loose),
  );
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
