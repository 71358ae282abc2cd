import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PlacementFile } from "../../src/schema/placement-schema.js";
import { hasStackTrace, readProblems, runCli } from "../support/run-cli.js";

const CLUSTER = "solver-fixtures/two-stages/cluster.json";
const folder = mkdtempSync(join(tmpdir(), "helix-place-"));
afterAll(() => rmSync(folder, { recursive: true }));

let sound: string;
beforeAll(async () => {
  const { code, out, err } = await runCli([CLUSTER, "--threads", "0"]);
  expect(code, err).toBe(0);
  sound = out;
});

type Loose = Record<string, any>; // eslint-disable-line
