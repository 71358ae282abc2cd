import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { hasStackTrace, readProblems, runCli } from "../support/run-cli.js";

const folder = mkdtempSync(join(tmpdir(), "helix-place-"));
afterAll(() => rmSync(folder, { recursive: true }));

const place = (name: string): string => join(folder, name);

/** One problem with the file itself, and nothing written next to it. */
async function expectRefusal(file: string, found: RegExp, path: RegExp = /^$/): Promise<void> {
  const before = readdirSync(folder);
  const output = place("placement.json");
  const { code, out, err } = await runCli([file, "-o", output, "--threads", "0"]);
  expect(code, err.slice(0, 500)).toBe(2);
  expect(out).toBe("");
  expect(hasStackTrace(err)).toBe(false);
  const [problem, ...more] = readProblems(file, err);
  expect(more).toEqual([]);
  expect(problem!.path).toMatch(path);
  expect(problem!.found).toMatch(found);
  expect(problem!.remedy).not.toBe("");
  expect(readdirSync(folder)).toEqual(before);
}

// Who runs as root may read everything, so a file without permissions proves nothing there: a path
// through a file, a circle of links and a name too long are unreadable for everybody.
test("what cannot be read is said in plain words", async () => {
  await expectRefusal(folder, /a directory/);
  await expectRefusal(place("missing.json"), /no such file/);
  writeFileSync(place("file"), "");
  await expectRefusal(join(place("file"), "cluster.json"), /no such file/);
  symlinkSync(place("circle-b"), place("circle-a"));
  symlinkSync(place("circle-a"), place("circle-b"));
  await expectRefusal(place("circle-a"), /circle/);
  await expectRefusal(place("x".repeat(300)), /unreadable|too long|no such file/);
});

test.skipIf(process.getuid?.() === 0)("a file without permission to read", async () => {
  writeFileSync(place("secret.json"), "{}", { mode: 0 });
  await expectRefusal(place("secret.json"), /permission/);
});

test("50 MB of nonsense, of brackets and of bytes that are no text", async () => {
  const size = 50_000_000;
  const contents: readonly (readonly [Buffer, RegExp])[] = [
    [Buffer.alloc(size, "lorem ipsum "), /lorem/],
    [Buffer.alloc(size, '{"a":'), /nested too deeply/],
    [Buffer.alloc(size, 0xff), /not UTF-8/],
  ];
  for (const [bytes, found] of contents) {
    writeFileSync(place("huge.json"), bytes);
    await expectRefusal(place("huge.json"), found, /^(line 1, column \d+)?$/);
  }
  rmSync(place("huge.json"));
});

test("tens of thousands of mistakes are counted, and the first are shown", async () => {
  const wrong = JSON.stringify({
    format: "helix-place/cluster@1",
    name: "wrong",
    model: "llama-2-70b",
    machines: { a: { profile: { tokensPerSecond: [1] } } },
    nodes: [
      { id: "a", machine: "a", count: 20_000 },
      ...Array.from({ length: 20_000 }, (_, index) => ({ id: `b-${index}`, machine: "c" })),
    ],
    network: {
      links: Array.from({ length: 20_000 }, (_, n) => ({
        from: `x-${n}`,
        to: `a-${n}`,
        bandwidth: 1,
      })),
    },
  });
  writeFileSync(place("wrong.json"), wrong);
  const { code, err } = await runCli([place("wrong.json")]);
  expect(code).toBe(2);
  expect(readProblems(place("wrong.json"), err)).toHaveLength(50);
  expect(err).toContain("40000 problems");
});

test("output that cannot be written is refused before any work", async () => {
  mkdirSync(place("results"));
  for (const output of [place("results"), place("nowhere/placement.json"), place("file/x.json")]) {
    const { code, out, err } = await runCli(["clusters/too-small.json", "-o", output]);
    expect(code, err).toBe(2);
    expect(out).toBe("");
    expect(readProblems(output, err)).toHaveLength(1);
  }
});

test("standard input is read for -, and refused like a file", async () => {
  const { code, err } = await runCli(["-"], { input: "{" });
  expect(code).toBe(2);
  expect(readProblems("-", err)[0]?.path).toMatch(/^line 1/);
});

test("a file that is no object is told what it has to be", async () => {
  for (const text of ["[]", "null", "5", '"x"']) {
    const file = place("list.json");
    writeFileSync(file, text);
    const { code, err } = await runCli([file, "--threads", "0"]);
    expect(code).toBe(2);
    expect(readProblems(file, err)[0]!.remedy).toMatch(
      /^Give a file that is one object: \{"format": "helix-place\/cluster@1", "name", "model"/,
    );
  }
});

test.skipIf(process.platform !== "linux")(
  "a device that never ends is refused at once",
  async () => {
    for (const device of ["/dev/zero", "/dev/full"]) {
      const { code, err } = await runCli([device, "--threads", "0"]);
      expect(code).toBe(2);
      expect(readProblems(device, err)[0]!.found).toBe("a device");
    }
  },
);
