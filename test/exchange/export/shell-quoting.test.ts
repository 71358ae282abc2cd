import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { exportPlacement } from "../../../src/exchange/export/export-placement.js";
import type { ExportOutcome, ExportRequest } from "../../../src/exchange/export/outcome.js";
import { EXPORT_TARGETS, type ExportTargetName } from "../../../src/exchange/export/targets.js";
import { writeReadme } from "../../../src/exchange/export/readme.js";
import { randomChains } from "./random-chains.js";

const folder = mkdtempSync(join(tmpdir(), "helix-place-shell-"));
const canary = join(folder, "canary");
const bin = join(folder, "bin");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Stands for every command a script may start: writes down its arguments, NUL between them. */
const STUB = `#!/bin/bash
printf '%s\\0' "$0" "$@" > "$STUB_OUT"
`;
mkdirSync(bin);
const COMMANDS = [
  "vllm",
  "python3",
  "python",
  "ggml-rpc-server",
  "llama-server",
  "parallax",
  "mpirun",
];
for (const command of COMMANDS) {
  writeFileSync(join(bin, command), STUB);
  chmodSync(join(bin, command), 0o755);
}

/** Stands for the look-up of names: its answer is the name it was asked for, in hexadecimal. */
const LOOK_UP = `#!/bin/bash
printf '%s' "$2" | od -An -v -tx1 | tr -d ' \\n'
printf ' STREAM\\n%s\\n' 'another line'
`;
writeFileSync(join(bin, "getent"), LOOK_UP);
chmodSync(join(bin, "getent"), 0o755);

/** What must not be read as shell: blanks, quotes, substitutions, line breaks, other alphabets. */
const HOSTILE = [
  " ",
  "'",
  '"',
  "`",
  "\\",
  "\n",
  "\t",
  "$",
  ";",
  "&",
  "|",
  "*",
  "?",
  "~",
  "#",
  "!",
  "<",
  ">",
  "(",
  ")",
  "{",
  "}",
  "é",
  "层",
  "🙂",
  `$(touch ${canary})`,
  `\`touch ${canary}\``,
  `'; touch ${canary}; '`,
  `"; touch ${canary}; "`,
  `\ntouch ${canary}\n`,
  "$HOME",
  "-",
  "a",
  "0",
];
const hostile = fc
  .array(fc.constantFrom(...HOSTILE), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(""));

const TARGETS: readonly ExportTargetName[] = [
  "vllm",
  "sglang",
  "tensorrt-llm",
  "llama.cpp",
  "petals",
  "parallax",
];

/** A request in which ids, hosts and the model are hostile. */
function makeRequest(seed: number, words: readonly string[]): ExportRequest {
  const word = (index: number): string => words[index % words.length]!;
  const { cluster, file } = randomChains(seed, (index) => `${index}${word(index)}`);
  return {
    cluster,
    file,
    model: `m${word(1)}`,
    modelGiven: true,
    addresses: new Map(
      ["coordinator", ...cluster.nodes.map(({ id }) => id)].map((id, index) => [
        id,
        { host: `h${index}${word(index + 2)}` },
      ]),
    ),
  };
}

function run(script: string): readonly string[] {
  const out = join(folder, "out");
  execFileSync("/bin/bash", [script], {
    env: {
      PATH: `${bin}:/usr/bin:/bin`,
      STUB_OUT: out,
      INITIAL_PEERS: "peer 1",
      SCHEDULER: "/peer 2",
    },
    stdio: "pipe",
  });
  const words = readFileSync(out, "utf8").split("\0");
  expect(words.pop()).toBe("");
  return words;
}

describe.each(TARGETS)("%s", (target) => {
  it("hands hostile ids, hosts and models over as they are", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.array(hostile, { minLength: 4, maxLength: 8 }),
        (seed, words) => {
          const request = makeRequest(seed, words);
          const outcome = EXPORT_TARGETS[target].export(request);
          if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.refusals));
          // The first and the last script: head and worker, worker and server.
          const scripts = outcome.files.filter(({ path }) => path.endsWith(".sh"));
          for (const { path, text } of new Set([scripts[0]!, scripts.at(-1)!])) {
            expect(path).toMatch(/^[a-z0-9/.-]+$/);
            const place = join(folder, "script", path);
            mkdirSync(dirname(place), { recursive: true });
            writeFileSync(place, text);
            const arguments_ = run(place);
            checkArguments(target, request, arguments_);
          }
          expect(existsSync(canary)).toBe(false);
        },
      ),
      { seed: 17, numRuns: 20 },
    );
  });
});

describe.each(TARGETS)("%s", (target) => {
  it.each(["-rf", "--help"])(
    "never hands names that begin with a hyphen over as options: %s",
    (name) => {
      const { cluster, file } = randomChains(3, (index) => `${name}${index}`);
      const hosts = ["coordinator", ...cluster.nodes.map(({ id }) => id)];
      const addresses = new Map(hosts.map((id, index) => [id, { host: `h${index}` }]));
      const outcome = exportPlacement(cluster, file, { target, addresses, model: name });
      if (outcome.kind === "refused") throw new Error(JSON.stringify(outcome.refusals));
      const scripts = outcome.files.filter(({ path }) => path.endsWith(".sh"));
      const words = [scripts[0]!, scripts.at(-1)!].flatMap(({ path, text }) => {
        const place = join(folder, "hyphen", path);
        mkdirSync(dirname(place), { recursive: true });
        writeFileSync(place, text);
        return run(place);
      });
      expect(words).toContain(`./${name}`);
      expect(words.filter((word) => word.startsWith(name))).toEqual([]);
    },
  );
});

/** Every word that must be there is there, whole. */
function checkArguments(
  target: ExportTargetName,
  request: ExportRequest,
  words: readonly string[],
): void {
  const hosts = [...request.addresses.values()].map(({ host }) => host);
  const whole = (text: string): void => expect(words).toContain(text);
  const after = (option: string): string => words[words.indexOf(option) + 1]!;
  const isWorker = words[0]!.endsWith("rpc-server");
  if (!isWorker) whole(request.model);
  if (target === "vllm" && words.includes("--master-addr"))
    expect(hosts).toContain(after("--master-addr"));
  if (target === "sglang" && words.includes("--dist-init-addr")) {
    expect(hosts.map((host) => `${host}:20000`)).toContain(after("--dist-init-addr"));
  }
  if (target === "tensorrt-llm") {
    const known = new Set(hosts.map((host) => `${host}:1`));
    expect([...known].some((host) => after("-H").startsWith(host))).toBe(true);
  }
  const lookedUp = (host: string): void => {
    expect(hosts).toContain(Buffer.from(host, "hex").toString());
  };
  if (isWorker) lookedUp(after("-H"));
  if (target === "petals") lookedUp(after("--public_ip"));
  if (target === "petals" && words.includes("--initial_peers"))
    expect(after("--initial_peers")).toBe("peer 1");
  if (words.includes("join")) expect(after("-s")).toBe("/peer 2");
}

describe("README", () => {
  it("keeps hostile names on their lines, and its commands in code spans", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.array(hostile, { minLength: 4, maxLength: 8 }),
        (seed, words) => {
          const request = makeRequest(seed, words);
          for (const target of Object.values(EXPORT_TARGETS)) {
            const outcome: ExportOutcome = target.export(request);
            if (outcome.kind === "refused") continue;
            const readme = writeReadme(request, target, outcome);
            expect(readme).not.toMatch(/^\s*touch /m);
            for (const line of readme.split("\n").filter((text) => text.startsWith("| chain-")))
              expect(line.replaceAll(String.raw`\|`, "").split("|").length).toBe(7);
          }
        },
      ),
      { seed: 19, numRuns: 25 },
    );
  });
});
