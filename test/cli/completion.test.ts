import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../support/run-cli.js";

const folder = mkdtempSync(join(tmpdir(), "helix-place-completion-"));
const script = (shell: string): string => join(folder, `${shell}.script`);

beforeAll(async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, out } = await runCli(["completion", shell]);
    expect(code).toBe(0);
    writeFileSync(script(shell), out);
  }
  writeFileSync(join(folder, "cluster.json"), "{}");
});
afterAll(() => rmSync(folder, { recursive: true }));

const has = (shell: string): boolean => spawnSync(shell, ["-c", "true"]).status === 0;

/** What bash offers behind these words, of which the last is being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const program = `source "$1"; shift; COMP_WORDS=(helix-place "$@"); COMP_CWORD=$#; _helix_place; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const argv = ["-c", program, "bash", script("bash"), ...words];
  const { stdout, stderr } = spawnSync("bash", argv, { encoding: "utf8", cwd: folder });
  expect(stderr).toBe("");
  return stdout.split("\n").filter((line) => line !== "");
}

describe.skipIf(!has("bash"))("bash", () => {
  test("commands and files first", () => {
    expect(offered("si")).toEqual(["simulate"]);
    expect(offered("cl")).toEqual(["cluster.json"]);
    expect(offered("")).toEqual(expect.arrayContaining(["what-if", "ui", "cluster.json"]));
  });

  test("options of the command that is named, of plan where none is", () => {
    expect(offered("what-if", "x.json", "--swe")).toEqual(["--sweep"]);
    expect(offered("x.json", "--warm")).toEqual(["--warm-start"]);
    expect(offered("x.json", "--swe")).toEqual([]);
  });

  test("what an option or an argument can be", () => {
    expect(offered("x.json", "--engine", "vl")).toEqual(["vllm"]);
    expect(offered("completion", "f")).toEqual(["fish"]);
  });

  test("every option of every command's help is offered", async () => {
    for (const command of offered("").filter((word) => !word.includes("."))) {
      const { out } = await runCli([command, "--help"]);
      const said = out
        .match(/^ {2}(?:-\w, )?--[a-z0-9-]+/gm)!
        .map((line) => /--\S+/.exec(line)![0]);
      const options = offered(command, "-");
      expect(said.filter((option) => !options.includes(option))).toEqual([]);
    }
  });
});

test.skipIf(!has("zsh"))("zsh reads its script", () => {
  expect(spawnSync("zsh", ["-n", script("zsh")], { encoding: "utf8" }).stderr).toBe("");
});

test.skipIf(!has("fish"))("fish completes", () => {
  const offer = (line: string): readonly string[] => {
    const program = `source ${script("fish")}; complete -C ${JSON.stringify(line)}`;
    const { stdout } = spawnSync("fish", ["-N", "-c", program], { encoding: "utf8" });
    return stdout.split("\n").map((one) => one.split("\t")[0]!);
  };
  expect(offer("helix-place simu")).toContain("simulate");
  expect(offer("helix-place what-if x --swe")).toContain("--sweep");
  expect(offer("helix-place x.json --engine vl")).toContain("vllm");
});

test.each([
  [["simulte", "x.json"], 'Did you mean "helix-place simulate"?'],
  [["waht-if"], 'Did you mean "helix-place what-if"?'],
  [["clusters/paper-24.json", "--sede", "3"], "Did you mean --seed?"],
])("a mistyped word is answered with the nearest: %j", async (argv, words) => {
  const { code, err } = await runCli(argv);
  expect(code).toBe(2);
  expect(err).toContain(words);
});

test("a file that is missing is no mistyped command", async () => {
  for (const path of ["no-such-cluster.json", "./simulte"]) {
    expect((await runCli([path])).err).not.toContain("Did you mean");
  }
});
