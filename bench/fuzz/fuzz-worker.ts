import { parentPort } from "node:worker_threads";
import { KINDS } from "./kinds.js";

// One instance per message, so that one that never ends, or takes all memory, ends with its thread.
parentPort!.on("message", ([kind, seed, number]: readonly [string, number, number]) => {
  void KINDS[kind]!.judge(seed, number).then((verdict) => parentPort!.postMessage(verdict));
});
