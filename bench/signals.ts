import { join } from "node:path";
import { parseArgs } from "node:util";
import { createDice } from "./fuzz/dice.js";
import { LONG_COMMANDS, type LongCommand } from "./signals/commands.js";
import { makeInputs } from "./signals/inputs.js";
import { strike } from "./signals/trial.js";

// node build/bench/signals.js [--moments 20] [--seed 1] [--only plan,sweep] [--cli dist/cli/main.js]
const { values } = parseArgs({
  options: {
    moments: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    cli: { type: "string", default: join(process.cwd(), "dist/cli/main.js") },
  },
});
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Moments lie in the command's own duration, but not later. */
const MOST_MS = 6000;

const chosen = LONG_COMMANDS.filter(({ name }) => values.only?.split(",").includes(name) ?? true);
const inputs = makeInputs(values.cli);
const dice = createDice(Number(values.seed));
let faulty = 0;
process.stdout.write(
  `| command | alone, s | signals | 130 | done first | before the program | ms to the end: median, most | faults |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n`,
);
for (const command of chosen) process.stdout.write(`${await tryCommand(command)}\n`);
process.exitCode = faulty > 0 ? 1 : 0;

async function tryCommand(command: LongCommand): Promise<string> {
  const alone = await strike(values.cli, command, inputs, { replacing: false });
  // Some take longer than anybody waits for them here: moments lie in their beginning then.
  const ended = alone.killedBy === null;
  const faults = ended ? alone.faults.map((fault) => `alone: ${fault}`) : [];
  const counts = { interrupted: 0, done: 0, before: 0 };
  const rest: number[] = [];
  const most = Math.min(alone.milliseconds * 1.05, MOST_MS);
  for (let at = 0; at < Number(values.moments); at++) {
    // Half of the moments in the first half second, in which most begins.
    const milliseconds = at === 0 ? 0 : dice.int(dice.chance(0.4) ? Math.min(500, most) : most);
    const blow = { signal: dice.pick(SIGNALS), milliseconds };
    const trial = await strike(values.cli, command, inputs, { blow, replacing: dice.chance(0.5) });
    if (trial.killedBy !== null) counts.before++;
    else if (trial.code === 0) counts.done++;
    else if (trial.code === 130) counts.interrupted++;
    if (trial.code === 130) rest.push(trial.milliseconds - milliseconds);
    faults.push(...trial.faults.map((fault) => `${blow.signal} at ${milliseconds} ms: ${fault}`));
  }
  faulty += faults.length;
  const sorted = rest.toSorted((a, b) => a - b);
  const end = `${Math.round(sorted[sorted.length >> 1] ?? 0)}, ${Math.round(sorted.at(-1) ?? 0)}`;
  return `| ${command.name} | ${(alone.milliseconds / 1000).toFixed(1)} | ${values.moments} | ${counts.interrupted} | ${counts.done} | ${counts.before} | ${end} | ${faults.join("; ") || "none"} |`;
}
