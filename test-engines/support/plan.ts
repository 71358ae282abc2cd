import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { execPath } from "node:process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PlacementFile } from "../../src/formats/placement-schema.js";
import { run } from "./programs.js";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** What the built command line printed. */
export function helixPlace(args: readonly string[], cwd: string): string {
  return run(execPath, [MAIN, ...args], { seconds: 300, cwd });
}

export interface TinyCluster {
  /** Path of the model's own description. */
  readonly model: string;
  /** Layers that each node has room for; all of them together are those of the model. */
  readonly rooms: readonly number[];
}

/** Nodes `m0`, `m1`, … that hold the model only together, in this order. */
export function writeTinyCluster(folder: string, { model, rooms }: TinyCluster): void {
  const names = rooms.map((_, index) => `m${index}`);
  const profile = (room: number): object => ({
    tokensPerSecond: Array.from({ length: room }, (_, held) => 4000 / (held + 1)),
    kvCacheTokens: Array.from({ length: room }, () => 16_384),
  });
  const cluster = {
    format: "helix-place/cluster@1",
    name: "tiny",
    model: { config: model },
    workload: { promptTokens: 64, outputTokens: 32 },
    machines: Object.fromEntries(names.map((name, at) => [name, { profile: profile(rooms[at]!) }])),
    nodes: names.map((name) => ({ id: name, machine: name })),
    // One way through: what comes in enters at the first node and leaves from the last one.
    network: {
      links: [
        { from: "coordinator", to: names[0], bandwidth: "10 Gb/s", latency: "0.1 ms" },
        ...names.slice(1).map((to, at) => ({
          from: names[at],
          to,
          bandwidth: "10 Gb/s",
          latency: "0.1 ms",
        })),
        { from: names.at(-1), to: "coordinator", bandwidth: "10 Gb/s", latency: "0.1 ms" },
      ],
    },
  };
  writeFileSync(join(folder, "cluster.json"), JSON.stringify(cluster, null, 2));
}

/** Plans `cluster.json` of a folder for an engine. */
export function planTiny(
  folder: string,
  engine: string,
  asked: readonly string[] = [],
): PlacementFile {
  const limits = ["--chains-only", "--iteration-limit", "20", "--threads", "0", "--quiet"];
  const out = ["--engine", engine, ...limits, ...asked, "-o", "plan.json"];
  helixPlace(["plan", "cluster.json", ...out], folder);
  return JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")) as PlacementFile;
}

/** Exports the plan of a folder to a folder with the target's name in it. */
export function exportTiny(folder: string, target: string, model: string): string {
  const out = join(folder, target);
  if (existsSync(out)) throw new Error(`${out} is there already`);
  const places = ["--addresses", "hosts.csv", "--model", model];
  helixPlace(["export", "cluster.json", "plan.json", "--to", target, "-o", out, ...places], folder);
  return out;
}

/** Where every node is reached, and the coordinator; `port` of the node that answers. */
export function writeHosts(
  folder: string,
  hosts: readonly string[],
  fronts: Readonly<Record<number, number>>,
): void {
  const lines = hosts.map((host, index) => `m${index},${host},${fronts[index] ?? ""}`);
  writeFileSync(
    join(folder, "hosts.csv"),
    ["node,host,port", ...lines, "coordinator,127.0.0.1,", ""].join("\n"),
  );
}
