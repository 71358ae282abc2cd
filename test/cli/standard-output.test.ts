import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readPlacementFile } from "../../src/formats/read-placement.js";
import { CLI } from "../support/built-cli.js";

const SMALL = join(process.cwd(), "solver-fixtures/shared-head/cluster.json");
const PLAN = `"${process.execPath}" "${CLI}" "${SMALL}"`;
let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "streams-"))));
afterEach(() => rmSync(folder, { recursive: true }));

function shell(command: string): { readonly code: number | null; readonly err: string } {
  const { status, stderr } = spawnSync("bash", ["-c", command], { cwd: folder, encoding: "utf8" });
  return { code: status, err: stderr };
}

/** The plan that was kept because nothing took it. */
function keptThroughput(): number {
  const [name] = readdirSync(folder).filter((file) => file.startsWith("helix-place-result-"));
  return readPlacementFile(name!, readFileSync(join(folder, name!), "utf8")).throughput;
}

describe.skipIf(!existsSync("/dev/full") || !existsSync("/proc/self/fdinfo"))("a plan", () => {
  test.each([
    ["full", `${PLAN} >/dev/full`],
    ["closed before", `${PLAN} >&-`],
    ["closed by its reader", `set -o pipefail; ${PLAN} | true`],
    ["beyond the limit of a file", `ulimit -f 0; ${PLAN} --quiet >>out || exit $?`],
  ])("is not lost when standard output is %s: exit code 2", (_, command) => {
    const { code, err } = shell(command);
    expect(code, err).toBe(2);
    if (command.includes("ulimit")) return; // no file takes a byte there
    expect(keptThroughput()).toBeCloseTo(10, 6);
    expect(err).toContain("helix-place-result-");
  });

  test("is not lost when its file is full", () => {
    const { code, err } = shell(`${PLAN} --quiet -o /dev/full`);
    expect(code).toBe(2);
    expect(err).toContain("ENOSPC");
    expect(keptThroughput()).toBeCloseTo(10, 6);
  });

  test.each(["2>&-", "2>/dev/full", "2> >(true)"])("comes out with %s", (redirection) => {
    expect(shell(`${PLAN} >out ${redirection}`).code).toBe(0);
    expect(
      readPlacementFile("out", readFileSync(join(folder, "out"), "utf8")).throughput,
    ).toBeCloseTo(10, 6);
  });

  test("may be thrown away on purpose, and help may go nowhere", () => {
    expect(shell(`${PLAN} --quiet >/dev/null`)).toEqual({ code: 0, err: "" });
    expect(shell(`"${process.execPath}" "${CLI}" --version >&-`)).toEqual({ code: 0, err: "" });
  });

  test("a full standard output is told of by every command", () => {
    const { code, err } = shell(`"${process.execPath}" "${CLI}" schema cluster >/dev/full`);
    expect(code).toBe(2);
    expect(err).toContain("full");
  });
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"])("%s ends a search with its best plan", (name) => {
  const large = join(process.cwd(), "clusters/paper-42.json");
  const command = `"${process.execPath}" "${CLI}" "${large}" --gap 0 --time-limit 60 --quiet >out & sleep 3; kill -s ${name} $!; wait $!`;
  expect(shell(`set -m; ${command}`).code).toBe(130);
  const file = readPlacementFile("out", readFileSync(join(folder, "out"), "utf8"));
  expect(file.termination).toBe("interrupted");
});
