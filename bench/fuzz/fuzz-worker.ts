import { parentPort } from "node:worker_threads";
import { choices } from "./choices.js";
import { drawInstance } from "./draw-instance.js";
import { judgePlan } from "./judge-plan.js";

// One instance per message, so that one that never ends, or takes all memory, ends with its thread.
parentPort!.on("message", ([seed, number]: readonly [number, number]) => {
  void judgePlan(drawInstance(seed, number, choices())).then((verdict) =>
    parentPort!.postMessage(verdict),
  );
});
