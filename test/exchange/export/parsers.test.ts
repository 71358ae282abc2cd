import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { exportPlacement } from "../../../src/exchange/export/export-placement.js";
import { COORDINATOR_ID, nodeId } from "../../../src/core/cluster.js";
import type { Cluster } from "../../../src/core/cluster.js";
import type { ExportFile } from "../../../src/exchange/export/outcome.js";
import { EXPORT_TARGETS, type ExportTargetName } from "../../../src/exchange/export/targets.js";
import type { PlacementFile } from "../../../src/formats/placement-schema.js";
import type { Address } from "../../../src/formats/read-addresses.js";
import { kubernetesObject } from "./kubernetes-schemas.js";
import { randomChains } from "./random-chains.js";
import { SHAPES } from "./shapes.js";
import { hasTool, runTool } from "./tools.js";

const folder = mkdtempSync(join(tmpdir(), "helix-place-export-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Plan {
  readonly cluster: Cluster;
  readonly file: PlacementFile;
  readonly addresses?: ReadonlyMap<string, Address>;
}

const plans: readonly Plan[] = [
  ...Object.values(SHAPES),
  ...Array.from({ length: 6 }, (_, seed) => ({
    ...randomChains(seed + 1),
    addresses: addressesOf(seed),
  })),
];

function addressesOf(seed: number): ReadonlyMap<string, Address> {
  const host = (index: number): string => (seed % 3 === 0 ? `fd00::${index}` : `10.1.0.${index}`);
  return new Map(
    [COORDINATOR_ID, ...Array.from({ length: 300 }, (_, index) => `node-${index}`)].map(
      (id, index) => [id, { host: host(index + 1), port: 9000 + seed }],
    ),
  );
}

/** The files of a target for all plans it can carry. */
function exportAll(target: ExportTargetName): readonly (Plan & { files: readonly ExportFile[] })[] {
  return plans.flatMap((plan) => {
    const { addresses } = plan;
    const outcome = exportPlacement(plan.cluster, plan.file, {
      target,
      ...(addresses === undefined ? {} : { addresses }),
    });
    return outcome.kind === "exported" ? [{ ...plan, files: outcome.files }] : [];
  });
}

let written = 0;

function write(files: readonly ExportFile[]): string {
  const place = join(folder, String(written++));
  for (const { path, text } of files) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), text);
  }
  return place;
}

describe("nginx -t", () => {
  const skipped = hasTool("nginx", "-v") ? "" : " (skipped: no nginx)";

  it.skipIf(skipped !== "")(`takes every nginx.conf${skipped}`, () => {
    const exported = exportAll("nginx");
    expect(exported.length).toBeGreaterThan(9);
    for (const { files } of exported) {
      const place = write(files);
      const where = ["-p", place, "-e", join(place, "error.log"), "-g", "pid nginx.pid;"];
      runTool("nginx", ["-t", "-q", ...where, "-c", join(place, "nginx.conf")]);
    }
  });

  it.skipIf(skipped !== "")(`refuses a broken one${skipped}`, () => {
    const { files } = exportAll("nginx")[0]!;
    const conf = files.find(({ path }) => path === "nginx.conf")!.text;
    const text = conf.replace(/weight=\d+/, "weight=0");
    const place = write([{ path: "nginx.conf", text }]);
    const where = ["-p", place, "-e", join(place, "error.log"), "-g", "pid nginx.pid;"];
    expect(() => runTool("nginx", ["-t", "-q", ...where, "-c", join(place, "nginx.conf")])).toThrow(
      "weight=0",
    );
  });
});

describe("shell scripts", () => {
  const targets = Object.keys(EXPORT_TARGETS) as ExportTargetName[];
  const scripts = targets.flatMap((target) =>
    exportAll(target).flatMap(({ files }) => {
      const own = files.filter(({ path }) => path.endsWith(".sh"));
      const place = write(own);
      return own.map(({ path }) => join(place, path));
    }),
  );

  it("pass bash -n", () => {
    expect(scripts.length).toBeGreaterThan(100);
    runTool("bash", ["-c", 'for script; do bash -n "$script" || exit 1; done', "-", ...scripts]);
  });

  const skipped = hasTool("shellcheck", "--version") ? "" : " (skipped: no shellcheck)";
  it.skipIf(skipped !== "")(`pass shellcheck${skipped}`, () => {
    runTool("shellcheck", ["--severity=style", "--shell=bash", ...scripts]);
  });
});

describe("YAML", () => {
  it.each(["lws", "dynamo", "k8s-gateway"] as const)(
    "%s: objects as Kubernetes takes them",
    (target) => {
      const exported = exportAll(target);
      expect(exported.length).toBeGreaterThan(1);
      for (const { files } of exported) {
        for (const { path, text } of files) {
          if (!path.endsWith(".yaml")) continue;
          const documents = parseAllDocuments(text);
          for (const document of documents) {
            expect(document.errors).toEqual([]);
            kubernetesObject.parse(document.toJS());
          }
        }
      }
    },
  );

  it.each(["envoy", "litellm", "tensorrt-llm", "ray"] as const)(
    "%s: reads alike as YAML 1.1 and 1.2",
    (target) => {
      for (const { files } of exportAll(target)) {
        for (const { path, text } of files) {
          if (path.endsWith(".yaml"))
            expect(parse(text, { version: "1.1" })).toEqual(parse(text, { version: "1.2" }));
        }
      }
    },
  );
});

describe("Helix", () => {
  const skipped = hasTool("python3", "--version") ? "" : " (skipped: no python3)";

  it.skipIf(skipped !== "")(`is read by ConfigParser as it was planned${skipped}`, () => {
    const exported = exportAll("helix");
    expect(exported.length).toBeGreaterThan(9);
    const script = join(import.meta.dirname, "read-helix.py");
    const folders = exported.map(({ files }) => write(files));
    const answers = JSON.parse(runTool("python3", [script, ...folders])) as readonly HelixReading[];
    exported.forEach((plan, index) => checkHelix(plan, answers[index]!));
  });
});

interface HelixReading {
  readonly solution: Readonly<Record<string, readonly [number, number]>>;
  readonly cluster: {
    readonly nodes: Readonly<Record<string, { readonly kv: number }>>;
    readonly links: readonly (readonly [string, string, number, number])[];
  };
  readonly runtime: readonly {
    readonly ip: string;
    readonly in: readonly number[];
    readonly out: readonly number[];
    readonly layers: readonly [number, number];
  }[];
}

/** The nodes, layers, links and KV capacities that were read are those of the plan. */
function checkHelix({ cluster, file, addresses }: Plan, reading: HelixReading): void {
  const running = cluster.nodes
    .map((_, index) => file.nodes.find(({ id }) => id === nodeId(cluster, index))!)
    .filter(({ flow }) => flow > 0);
  const number = new Map(running.map(({ id }, index) => [id, index + 1]));
  number.set(COORDINATOR_ID, 0);
  const name = (id: string, coordinator: string): string =>
    id === COORDINATOR_ID ? coordinator : `compute_node_${number.get(id)! + 1}`;
  const links = file.links.filter(({ flow }) => flow > 0);

  expect(reading.solution).toEqual(
    Object.fromEntries(running.map(({ id, layers }) => [name(id, ""), layers])),
  );
  expect(reading.cluster.links.map(([from, to]) => [from, to])).toEqual(
    links.map(({ from, to }) => [name(from, "source"), name(to, "sink")]),
  );
  for (const { id, layers, kvCacheTokens } of running) {
    const held = layers![1] - layers![0];
    expect(reading.cluster.nodes[name(id, "")]!.kv).toBe(kvCacheTokens! * held);
  }
  reading.cluster.links.forEach(([from, to, bandwidth], index) => {
    const planned = links[index]!;
    const bytes =
      from === "source" || to === "sink" ? cluster.model.tokenBytes : cluster.model.activationBytes;
    expect((bandwidth / bytes) * (1 + 1e-9)).toBeGreaterThanOrEqual(planned.flow);
  });
  const everyone = [
    { id: COORDINATOR_ID, layers: [-1, -1] },
    ...running.map(({ id, layers }) => ({ id, layers })),
  ];
  expect(reading.runtime).toEqual(
    everyone.map(({ id, layers }, machine) => ({
      id: machine,
      ip: addresses!.get(id)!.host,
      in: links.filter(({ to }) => to === id).map(({ from }) => number.get(from)!),
      out: links.filter(({ from }) => from === id).map(({ to }) => number.get(to)!),
      layers,
    })),
  );
}
