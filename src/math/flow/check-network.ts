import { InputError, type Problem } from "../../core/errors.js";
import type { FlowNetwork } from "./network.js";

/**
 * Refuses a network that no algorithm can work on. O(m).
 * @throws InputError (`input-invalid`) with every problem: source or sink out of range or the same
 * vertex, arrays of different lengths, an arc end out of range, a self-loop, a capacity that is
 * negative or not a number.
 */
export function checkNetwork(network: FlowNetwork): void {
  const problems: Problem[] = [];
  const report = (path: string, found: string, expected: string, remedy: string) => {
    problems.push({ path, found, expected, remedy });
  };
  const { vertexCount, source, sink, tail, head, capacity } = network;
  const range = `a whole number from 0 to ${vertexCount - 1}`;
  const inRange = (v: number) => Number.isInteger(v) && v >= 0 && v < vertexCount;
  if (!inRange(source)) report("source", `${source}`, range, "Name a vertex of the network.");
  if (!inRange(sink)) report("sink", `${sink}`, range, "Name a vertex of the network.");
  if (source === sink) report("sink", `${sink}`, "not the source", "Choose another sink.");
  if (tail.length !== head.length || tail.length !== capacity.length) {
    const found = `${tail.length} tails, ${head.length} heads, ${capacity.length} capacities`;
    report("tail", found, "one of each per arc", "Give every arc a tail, a head and a capacity.");
  } else {
    for (let a = 0; a < tail.length; a++) {
      const from = tail[a]!;
      const to = head[a]!;
      if (from < 0 || from >= vertexCount) {
        report(`tail[${a}]`, `${from}`, range, "Name a vertex of the network.");
      }
      if (to < 0 || to >= vertexCount) {
        report(`head[${a}]`, `${to}`, range, "Name a vertex of the network.");
      }
      if (from === to) report(`head[${a}]`, `${to}`, "not the tail", "Leave self-loops out.");
      if (!(capacity[a]! >= 0)) {
        report(`capacity[${a}]`, `${capacity[a]}`, "a number ≥ 0 or Infinity", "Correct it.");
      }
    }
  }
  if (problems.length > 0) throw new InputError("flow network", problems);
}
