import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The files that the long commands read, by name. Plans among them are made by the command line itself. */
export function makeInputs(cli: string): ReadonlyMap<string, string> {
  const inputs = new Map([
    ["home.json", readFileSync("clusters/home-lab.json", "utf8")],
    ["fleet.json", readFileSync("clusters/paper-42.json", "utf8")],
    ["prices.json", readFileSync("clusters/prices-example.json", "utf8")],
    ["job.json", makeLongJob()],
  ]);
  const folder = mkdtempSync(join(tmpdir(), "signal-inputs-"));
  for (const [cluster, plan] of [
    ["home.json", "running.json"],
    ["fleet.json", "running-fleet.json"],
  ] as const) {
    writeFileSync(join(folder, cluster), inputs.get(cluster)!);
    const argv = [cli, cluster, "--strategy", "chain", "--iteration-limit", "1", "--quiet"];
    const { status, stdout } = spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`no plan of ${cluster}`);
    inputs.set(plan, stdout);
  }
  rmSync(folder, { recursive: true });
  return inputs;
}

/** A training job whose search takes seconds. */
function makeLongJob(): string {
  const job = JSON.parse(readFileSync("clusters/train-heterogeneous-cluster.json", "utf8")) as {
    cluster: { nodes: { count?: number }[] };
    model: { blocks: number };
    globalBatch: number;
  };
  for (const node of job.cluster.nodes) node.count = 6;
  job.model.blocks = 48;
  job.globalBatch = 96;
  return JSON.stringify(job);
}
