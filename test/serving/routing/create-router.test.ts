import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { InputError } from "../../../src/core/errors.js";
import type { Cluster } from "../../../src/core/cluster.js";
import { loadCluster } from "../../../src/formats/load-cluster.js";
import type { PlacementFile } from "../../../src/formats/placement-schema.js";
import { plan } from "../../../src/node/library.js";
import { createRouter } from "../../../src/serving/routing/create-router.js";

const read = (name: string): Cluster =>
  loadCluster(name, readFileSync(`clusters/${name}.json`, "utf8")).cluster;
const cluster = read("cloud-mix");
let file: PlacementFile;
beforeAll(async () => {
  const outcome = await plan(cluster, { baseline: "petals", threads: 0 });
  if (outcome.kind !== "planned") throw new Error(outcome.kind);
  file = outcome.file;
});

test("requests go where the file says, as often as its flow says", () => {
  const router = createRouter(cluster, file);
  const total = file.throughput;
  const seen = new Map<string, number>();
  const requests = 5000;
  for (let n = 0; n < requests; n += 1) {
    const route = router.route(100);
    if (route.kind !== "route") throw new Error(route.reason);
    let layer = 0;
    let from = "coordinator";
    for (const { node, layers } of route.stages) {
      expect(layers[0]).toBe(layer);
      const key = `${from} > ${node}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
      [layer, from] = [layers[1], node];
    }
    expect(layer).toBe(cluster.model.layers);
    router.finish(route.id);
  }
  expect(router.bottleneckUse()).toBeCloseTo(0, 9);
  const first = file.links.filter(({ from }) => from === "coordinator");
  for (const { to, flow } of first) {
    const share = (seen.get(`coordinator > ${to}`) ?? 0) / requests;
    expect(Math.abs(share - flow / total)).toBeLessThan(0.01);
  }
});

test("a full cluster refuses, and takes requests again when others are over", () => {
  const router = createRouter(cluster, file);
  const open: number[] = [];
  for (let route = router.route(2000); ; route = router.route(2000)) {
    if (route.kind === "refused") {
      expect(route.reason).toBe("capacity");
      break;
    }
    open.push(route.id);
  }
  expect(open.length).toBeGreaterThan(0);
  open.forEach((id) => router.finish(id));
  expect(router.route(2000).kind).toBe("route");
});

test("files of other clusters, and such that carry nothing, are refused with what is wrong", () => {
  const problemsOf = (other: Cluster, changed: PlacementFile): readonly string[] => {
    try {
      createRouter(other, changed);
    } catch (error) {
      if (error instanceof InputError) return error.problems.map(({ path }) => path);
      throw error;
    }
    return [];
  };
  const silent = { ...file, links: file.links.map((link) => ({ ...link, flow: 0 })) };
  expect(problemsOf(cluster, silent)).toEqual(["links"]);
  const longer = { ...file, model: { ...file.model, layers: file.model.layers + 1 } };
  expect(problemsOf(cluster, longer)).toEqual(["model.layers"]);
  const stray = { ...file, links: [{ ...file.links[0]!, from: "nobody" }, ...file.links.slice(1)] };
  expect(problemsOf(cluster, stray)).toEqual(["links[0].from"]);
  expect(problemsOf(read("home-lab"), file).length).toBeGreaterThan(0);
});
