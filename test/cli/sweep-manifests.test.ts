import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parse } from "yaml";
import { CLI, runBuilt } from "../support/built-cli.js";

const folder = mkdtempSync(join(tmpdir(), "manifests-"));
afterAll(() => rmSync(folder, { recursive: true }));

const bin = join(folder, "helix-place");
writeFileSync(bin, `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
chmodSync(bin, 0o755);
cpSync("clusters/home-lab.json", join(folder, "-lab.json"));
const scenarios = {
  format: "helix-place/scenarios@1",
  scenarios: [{ name: "more", changes: ["add 1xold-3060"] }],
};
writeFileSync(join(folder, "-grid.json"), JSON.stringify(scenarios));

const emit = (kind: string, ...argv: readonly string[]) =>
  runBuilt(
    [
      "what-if",
      "--emit",
      kind,
      "--shards",
      "1",
      ...argv,
      "--iteration-limit",
      "1",
      "--",
      "-lab.json",
    ],
    { cwd: folder },
  );

function shell(script: string, environment: NodeJS.ProcessEnv) {
  const PATH = `${folder}${delimiter}${process.env["PATH"]}`;
  const options = {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, PATH, ...environment },
  } as const;
  return spawnSync("sh", ["-c", script], options);
}

test("a Slurm script runs with files whose names begin with a hyphen", async () => {
  const { code, out, err } = await emit("slurm", "--sweep=old-3060=1..2");
  expect(code, err).toBe(0);
  const { status, stderr } = shell(out, { SLURM_ARRAY_TASK_ID: "1" });
  expect(status, stderr).toBe(0);
  expect(existsSync(join(folder, "shard-1.json"))).toBe(true);
});

test("a Kubernetes job gets such files by their names, as paths", async () => {
  const { code, out, err } = await emit("kubernetes", "--sweep=-grid.json");
  expect(code, err).toBe(0);
  const [container] = (
    parse(out) as { spec: { template: { spec: { containers: { args: string[] }[] } } } }
  ).spec.template.spec.containers;
  const command = container!.args[0]!.replace("cd /input", `cd '${folder}'`).replace(
    "/output/",
    `'${folder}'/out-`,
  );
  const { status, stderr } = shell(command, { JOB_COMPLETION_INDEX: "0" });
  expect(status, stderr).toBe(0);
  expect(readFileSync(join(folder, "out-shard-1.json"), "utf8")).toContain('"more"');
  // What makes the map of files, as it stands in the comment.
  expect(out).toContain("--from-file=./-lab.json --from-file=./-grid.json");
});
