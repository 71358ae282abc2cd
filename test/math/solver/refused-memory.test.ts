import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SolverError } from "../../../src/core/errors.js";
import { loadHighsSolver } from "../../../src/math/solver/highs.js";

test("a solver that cannot be loaded is named, with why, and can be loaded afterwards", async () => {
  const broken = join(tmpdir(), `broken-${process.pid}.wasm`);
  writeFileSync(broken, "no module");
  const failed = await loadHighsSolver(() => broken).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(SolverError);
  expect(String(failed)).toContain("HiGHS could not be loaded");
  expect(String(failed)).not.toContain("refused it memory");
  expect((await loadHighsSolver()).name).toBe("highs");
});

test("a process that gets no memory for WebAssembly says so and what to do", () => {
  const script = "dist/math/solver/highs.js";
  const load = `import("./${script}").then((m) => m.loadHighsSolver()).then(() => console.log("loaded"), (e) => console.log(e.name + ": " + e.message));`;
  const limited = spawnSync(
    "sh",
    ["-c", 'ulimit -v 1500000; exec "$0" -e "$1"', process.execPath, load],
    {
      encoding: "utf8",
    },
  );
  expect(limited.stdout).toMatch(/^SolverError: HiGHS could not be loaded: .*memory/i);
  expect(limited.stdout).toContain("fewer --threads");
});
