import * as fc from "fast-check";
import { expect, test } from "vitest";
import { timeChains } from "../../../src/exchange/export/chain-timeline.js";
import type { Chain } from "../../../src/exchange/export/chains.js";

const LAYERS = 6;

/** Chains of one or two nodes, of nodes in the order given; a cut says how many layers the first takes. */
function chainsOf(nodes: readonly number[], cuts: readonly number[]): readonly Chain[] {
  const stage = (node: number, layers: readonly [number, number]): Chain["stages"][number] => ({
    id: `n${node}`,
    layers,
    machine: "m",
    gpus: 1,
    lacksBf16: false,
    node,
    region: 0,
  });
  return cuts.flatMap((cut, at): Chain[] => {
    const [first, second] = [nodes[2 * at], nodes[2 * at + 1]];
    if (first === undefined) return [];
    const stages =
      cut === LAYERS || second === undefined
        ? [stage(first, [0, LAYERS])]
        : [stage(first, [0, cut]), stage(second, [cut, LAYERS])];
    return [{ name: `chain-${at + 1}`, flow: 1 + at, weight: 0, stages }];
  });
}

const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 2 });
const cuts = fc.array(fc.integer({ min: 2, max: LAYERS }), { minLength: 1, maxLength: 4 });

test("no node is ever in two chains, and none serves while it changes", () => {
  fc.assert(
    fc.property(
      fc.record({ order, cuts }),
      fc.record({ order, cuts }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 8, maxLength: 8 }),
      (before, after, drawn) => {
        const running = chainsOf(before.order, before.cuts);
        const next = chainsOf(after.order, after.cuts);
        const stepOf = new Map<string, number>(
          drawn.flatMap((step, node) => (step === 0 ? [] : [[`n${node}`, step] as const])),
        );
        const timeline = timeChains({ running, next, taken: running.length, stepOf, steps: 3 });
        let now = running.map(({ name }) => name);
        timeline.steps.forEach(({ stops, serving, starts }, at) => {
          const stopped = new Set(stops.map(({ name }) => name));
          now = now.filter((name) => !stopped.has(name));
          expect(serving.map(({ name }) => name).sort()).toEqual([...now].sort());
          const nodes = [...serving, ...starts].flatMap(({ stages }) => stages.map(({ id }) => id));
          expect(new Set(nodes).size).toBe(nodes.length);
          for (const { stages } of serving)
            for (const { id } of stages) expect(stepOf.get(id)).not.toBe(at + 1);
          now = [...now, ...starts.map(({ name }) => name)];
        });
        expect(timeline.end.map(({ name }) => name).sort()).toEqual([...now].sort());
        expect(new Set(now).size).toBe(now.length);
        const shape = ({ stages }: Chain): string =>
          JSON.stringify(stages.map(({ id, layers }) => [id, ...layers]));
        expect(timeline.end.map(shape).sort()).toEqual(next.map(shape).sort());
      },
    ),
    { numRuns: 300, seed: 22 },
  );
});

test("what stays as it is runs through under its name", () => {
  const running = chainsOf([0, 1, 2, 3], [3, 3]);
  const next = chainsOf([2, 3, 0, 1], [3, 2]);
  const stepOf = new Map([
    ["n0", 1],
    ["n1", 1],
  ]);
  const { kept, steps, end } = timeChains({ running, next, taken: 2, stepOf, steps: 1 });
  expect(kept.map(({ name }) => name)).toEqual(["chain-2"]);
  expect(steps[0]!.stops.map(({ name }) => name)).toEqual(["chain-1"]);
  expect(steps[0]!.serving.map(({ name, weight }) => [name, weight])).toEqual([["chain-2", 1000]]);
  expect(end.map(({ name }) => name)).toEqual(["chain-2", "chain-3"]);
});
