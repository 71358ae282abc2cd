import { readFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { createDice } from "../../bench/fuzz/dice.js";
import { LONG_COMMANDS } from "../../bench/signals/commands.js";
import { makeInputs } from "../../bench/signals/inputs.js";
import { strike } from "../../bench/signals/trial.js";
import { CLI, runBuilt } from "../support/built-cli.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const LATEST_MS = 2500;
/** Every command twice; `node build/bench/signals.js` does so twenty times each. */
const dice = createDice(7);
let inputs: ReadonlyMap<string, string> = new Map();
beforeAll(() => void (inputs = makeInputs(CLI)), 120_000);

describe.concurrent("a signal at any moment leaves whole results, and no other", () => {
  test.each(
    LONG_COMMANDS.flatMap((command) =>
      [dice.int(LATEST_MS / 5), dice.int(LATEST_MS)].map((milliseconds) => {
        const signal = dice.pick(SIGNALS);
        return { command, name: command.name, signal, milliseconds, replacing: dice.chance(0.5) };
      }),
    ),
  )("$name: $signal at $milliseconds ms", async ({ command, replacing, ...blow }) => {
    const { faults } = await strike(CLI, command, inputs, { blow, replacing });
    expect(faults).toEqual([]);
  });
});

test("an interrupt while the program's modules load ends it with 130 and writes nothing", async () => {
  // The handlers are there by the time the last of them is; nothing else has been loaded then.
  const preload = `const on = process.on; process.on = function (event, listener) {
    on.call(this, event, listener);
    if (event === "SIGHUP") process.kill(process.pid, "SIGHUP");
    return this; };`;
  const { code, out, err } = await runBuilt(["clusters/paper-42.json"], { preload });
  expect({ code, out }, err).toEqual({ code: 130, out: "" });
});

test("the program's first module imports nothing before its handlers stand", () => {
  const text = readFileSync("dist/cli/main.js", "utf8");
  expect(text).not.toMatch(/^import /m);
  expect(text.indexOf("process.on(signal")).toBeLessThan(text.indexOf("await import("));
});

test("an interrupt while standard input is awaited ends the program", async () => {
  const child = spawn(process.execPath, [CLI, "-", "--quiet"], { stdio: ["pipe", "pipe", "pipe"] });
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  // An early one ends Node itself.
  setTimeout(() => child.kill("SIGTERM"), 3000);
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect({ code, err }).toEqual({ code: 130, err: "Interrupted.\n" });
});
