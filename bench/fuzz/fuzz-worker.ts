import { parentPort } from "node:worker_threads";
import { strategyChoices } from "../../src/planner/portfolio/strategies.js";
import { drawInstance } from "./draw-instance.js";
import { judgePlan } from "./judge-plan.js";

// One instance per message, so that one that never ends, or takes all memory, ends with its thread.
parentPort!.on("message", ([seed, number]: readonly [number, number]) => {
  void judgePlan(drawInstance(seed, number, strategyChoices())).then((verdict) =>
    parentPort!.postMessage(verdict),
  );
});
