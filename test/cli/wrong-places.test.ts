import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCli } from "../support/run-cli.js";

const folder = mkdtempSync(join(tmpdir(), "wrong-places-"));
const cluster = join(folder, "cluster.json");
copyFileSync("clusters/one-machine.json", cluster);
afterAll(() => rmSync(folder, { recursive: true }));

test("a plan does not take the place of its cluster", async () => {
  const { code, err } = await runCli([cluster, "--iteration-limit", "1", "-o", cluster]);
  expect([code, err]).toEqual([2, expect.stringContaining("the cluster file itself")]);
  expect(readFileSync(cluster, "utf8")).toBe(readFileSync("clusters/one-machine.json", "utf8"));
});

test("a cluster where constraints belong is called one, and nobody is told to remove its keys", async () => {
  const { code, err } = await runCli([cluster, "--constraints", cluster]);
  expect([code, err]).toEqual([2, expect.stringContaining("a cluster file")]);
  expect(err).not.toContain("Remove it");
});
