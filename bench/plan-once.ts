// One plan in a process of its own, for bench/planner: a request on standard input, figures on standard output.
import { text } from "node:stream/consumers";
import type * as Library from "../src/index.js";
import type { Measured, PlanRequest } from "./measure-plan.js";

// As users get it: few bundled files. Hundreds of single ones cost 0.4 s before anything is planned.
const INSTALLED = "../../dist/index.js";
const { loadCluster, plan } = (await import(INSTALLED)) as typeof Library;

/** Seconds since this process was started. */
const elapsed = (): number => performance.now() / 1000;

const request = JSON.parse(await text(process.stdin)) as PlanRequest;
let first = NaN;
let published = NaN;
const onProgress = ({ event, throughput = 0 }: Library.SearchProgress): void => {
  if (event !== "incumbent") return;
  if (Number.isNaN(first)) first = elapsed();
  if (Number.isNaN(published) && throughput >= request.published) published = elapsed();
};
const { cluster } = loadCluster("instance", request.cluster);
const { gap, timeLimitSeconds, strategy } = request;
// The planner is measured, not what an engine makes of its plans: the flow, by the rules of the paper.
const rules = { engine: "helix", objective: "flow" } as const;
const outcome = await plan(cluster, { ...rules, gap, timeLimitSeconds, strategy, onProgress });
const file = outcome.kind === "planned" ? outcome.file : undefined;
const measured: Measured = {
  throughput: file?.throughput ?? 0,
  upperBound: file?.upperBound ?? Infinity,
  gap: file?.gap ?? 1,
  bound: file?.bound ?? outcome.kind,
  first,
  published,
  end: elapsed(),
  megabytes: (process.resourceUsage().maxRSS * 1024) / 1e6,
};
// JSON has no NaN and no Infinity: they come out as null, which is read back as "never".
console.log(JSON.stringify(measured));
