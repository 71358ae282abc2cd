import { mkdirSync, writeFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { parseArgs } from "node:util";
import type { Instance } from "./fuzz/draw-instance.js";
import { KINDS } from "./fuzz/kinds.js";
import type { Verdict } from "./fuzz/judge-plan.js";

// npm run fuzz -- [--kind flow|what-if|train] --minutes 10 --seed 1 [--from 0] [--count n] [--out fuzz-findings]
const { values } = parseArgs({
  options: {
    kind: { type: "string", default: "flow" },
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    count: { type: "string", default: "Infinity" },
    out: { type: "string", default: "fuzz-findings" },
  },
});
const { kind } = values;
if (!Object.hasOwn(KINDS, kind))
  throw new Error(`--kind is one of ${Object.keys(KINDS).join(", ")}`);
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
    asked.postMessage([kind, seed, number]);
  });
}

/** The case stays when its fault is mended: for flows in the form of solver-fixtures, else as the question. */
function writeFixture(number: number, verdict: Verdict): void {
  const folder = `${values.out}/fuzz-${kind}-${seed}-${number}`;
  mkdirSync(folder, { recursive: true });
  const question = KINDS[kind]!.draw(seed, number);
  const write = (name: string, content: object): void =>
    writeFileSync(`${folder}/${name}`, `${JSON.stringify(content, null, 2)}\n`);
  if (kind !== "flow") return write("question.json", { faults: verdict.faults, ...question });
  const instance = question as Instance;
  write("cluster.json", instance.cluster);
  write("case.json", describeCase(instance, verdict));
}

function describeCase(instance: Instance, { faults, optimum }: Verdict): object {
  const { pin, drain, ...limits } = instance.constraints;
  const { cluster: _, constraints: __, number, ...asked } = instance;
  return {
    options: {
      ...limits,
      ...(Object.keys(pin).length === 0 ? {} : { pin }),
      ...(drain.length === 0 ? {} : { drain }),
    },
    expected: Number.isNaN(optimum) ? {} : { throughput: optimum },
    tolerance: 1e-6,
    provenance: `npm run fuzz -- --seed ${seed} --from ${number} --count 1: ${faults.join("; ")} (${JSON.stringify(asked)})`,
    bruteForce: true,
  };
}

let faulty = 0;
let missed = 0;
let number = from;
function report(): void {
  const { user, system } = process.cpuUsage();
  process.stdout.write(
    `${number - from} ${kind} instances from ${from} of seed ${seed}: ${faulty} with faults; ${missed} with nothing found where something exists; ${Math.round((user + system) / 1e6)} s of processor time\n`,
  );
}
for (; number < from + Number(values.count) && performance.now() < end; number++) {
  if (number > from && (number - from) % REPORT_EVERY === 0) report();
  const verdict = await judge(number);
  if (verdict.missed) missed++;
  if (verdict.faults.length === 0) continue;
  faulty++;
  process.stdout.write(`${kind}, seed ${seed}, instance ${number}: ${verdict.faults.join("; ")}\n`);
  writeFixture(number, verdict);
}
report();
await hand.terminate();
process.exitCode = faulty > 0 ? 1 : 0;
