import { mkdirSync, writeFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { parseArgs } from "node:util";
import { choices } from "./fuzz/choices.js";
import { drawInstance, type Instance } from "./fuzz/draw-instance.js";
import type { Verdict } from "./fuzz/judge-plan.js";

// npm run fuzz -- --minutes 10 --seed 1 [--from 0] [--count n] [--out fuzz-findings]
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    count: { type: "string", default: "Infinity" },
    out: { type: "string", default: "fuzz-findings" },
  },
});
const seed = Number(values.seed);
const from = Number(values.from);
const end = performance.now() + Number(values.minutes) * 60_000;
/** Processor time that an instance may take (a busy machine's clock says nothing), and memory. */
const MOST_SECONDS = 60;
const LOOK_MS = 2000;
const MOST_MEGABYTES = 2000;
const REPORT_EVERY = 1000;

function createHand(): Worker {
  return new Worker(new URL("./fuzz/fuzz-worker.js", import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
  });
}

let hand = createHand();

async function judge(number: number): Promise<Verdict> {
  const lost = (fault: string): Verdict => {
    void hand.terminate();
    hand = createHand();
    return { faults: [fault], optimum: Number.NaN, missed: false };
  };
  return new Promise((resolve) => {
    const asked = hand;
    const done = (verdict: Verdict): void => {
      clearInterval(timer);
      asked.off("message", done).off("error", onError);
      resolve(verdict);
    };
    const onError = (error: unknown): void => done(lost(`ends its thread: ${String(error)}`));
    const before = process.cpuUsage();
    const timer = setInterval(() => {
      const { user, system } = process.cpuUsage(before);
      if ((user + system) / 1e6 > MOST_SECONDS) done(lost(`takes more than ${MOST_SECONDS} s`));
    }, LOOK_MS);
    asked.on("message", done).on("error", onError);
    asked.postMessage([seed, number]);
  });
}

/** In the form of solver-fixtures: the case stays when its fault is mended. */
function writeFixture(instance: Instance, { faults, optimum }: Verdict): void {
  const folder = `${values.out}/fuzz-${seed}-${instance.number}`;
  mkdirSync(folder, { recursive: true });
  const { pin, drain, ...limits } = instance.constraints;
  const options = {
    ...limits,
    ...(Object.keys(pin).length === 0 ? {} : { pin }),
    ...(drain.length === 0 ? {} : { drain }),
  };
  const fixture = {
    options,
    expected: Number.isNaN(optimum) ? {} : { throughput: optimum },
    tolerance: 1e-6,
    provenance: `npm run fuzz -- --seed ${seed} --from ${instance.number} --count 1: ${faults.join("; ")} (strategy ${instance.strategy}, ${instance.iterationLimit} steps, seed ${instance.seed})`,
    bruteForce: true,
  };
  writeFileSync(`${folder}/cluster.json`, `${JSON.stringify(instance.cluster, null, 2)}\n`);
  writeFileSync(`${folder}/case.json`, `${JSON.stringify(fixture, null, 2)}\n`);
}

let faulty = 0;
let missed = 0;
let number = from;
function report(): void {
  const { user, system } = process.cpuUsage();
  process.stdout.write(
    `${number - from} instances from ${from} of seed ${seed}: ${faulty} with faults; ${missed} with nothing found where something exists; ${Math.round((user + system) / 1e6)} s of processor time\n`,
  );
}
for (; number < from + Number(values.count) && performance.now() < end; number++) {
  if (number > from && (number - from) % REPORT_EVERY === 0) report();
  const verdict = await judge(number);
  if (verdict.missed) missed++;
  if (verdict.faults.length === 0) continue;
  faulty++;
  const instance = drawInstance(seed, number, choices());
  process.stdout.write(
    `seed ${seed}, instance ${number}, strategy ${instance.strategy}: ${verdict.faults.join("; ")}\n`,
  );
  writeFixture(instance, verdict);
}
report();
await hand.terminate();
process.exitCode = faulty > 0 ? 1 : 0;
