import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { LayerInterval, Placement } from "../../../src/core/placement.js";
import { createBlackboard, type Blackboard } from "../../../src/planner/portfolio/blackboard.js";
import {
  allocateBlackboard,
  openBlackboard,
} from "../../../src/planner/portfolio/shared-blackboard.js";

const NODES = 3;

const interval = fc
  .tuple(fc.nat(4), fc.integer({ min: 1, max: 4 }))
  .map(([start, held]): LayerInterval => [start, start + held]);
const placements: fc.Arbitrary<Placement> = fc.array(fc.option(interval), {
  minLength: NODES,
  maxLength: NODES,
});
const values = fc.oneof(
  fc.constantFrom(0, 1, 2, Infinity, Number.MIN_VALUE),
  fc.double({ min: 0, noNaN: true }),
);
const actions = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("post" as const), placement: placements, value: values }),
    fc.record({ kind: fc.constant("bound" as const), value: values }),
  ),
);

const stateOf = (board: Blackboard) => ({
  incumbent: board.incumbent(),
  bound: board.upperBound(),
  stopped: board.stopped(),
});

test("one thread's board and a shared one, seen from both sides, answer alike whatever is posted", () => {
  fc.assert(
    fc.property(actions, (all) => {
      const plain = createBlackboard();
      const shared = allocateBlackboard(NODES);
      const other = openBlackboard(shared.buffer);
      expect(stateOf(shared)).toEqual(stateOf(plain));
      for (const [at, action] of all.entries()) {
        const mine = at % 2 === 0 ? shared : other;
        const answer = (board: Blackboard): boolean =>
          action.kind === "bound"
            ? board.postBound(action.value)
            : board.post(action.placement, action.value);
        expect(answer(mine)).toBe(answer(plain));
        expect(stateOf(shared)).toEqual(stateOf(plain));
        expect(stateOf(other)).toEqual(stateOf(plain));
      }
    }),
    { numRuns: 300 },
  );
});

test("a board keeps the best placement and the least bound, and zero is a bound", () => {
  for (const board of [createBlackboard(), allocateBlackboard(1)]) {
    expect(stateOf(board)).toEqual({ incumbent: undefined, bound: Infinity, stopped: false });
    expect(board.post([[0, 1]], 0)).toBe(false);
    expect(board.post([[0, 1]], 5)).toBe(true);
    expect(board.post([[0, 2]], 5)).toBe(false);
    expect(board.post([null], 6)).toBe(true);
    expect(board.incumbent()).toEqual({ placement: [null], throughput: 6 });
    expect(board.postBound(0)).toBe(true);
    expect(board.postBound(7)).toBe(false);
    expect(board.upperBound()).toBe(0);
    board.stop();
    expect(board.stopped()).toBe(true);
  }
});

test("two runs hear each other's last words through a shared board, from any thread", () => {
  const board = allocateBlackboard(NODES);
  const other = openBlackboard(board.buffer);
  expect(board.meeting?.told(true)).toEqual([]);
  other.meeting?.tell(true, [3, 2 ** 40, 1]);
  board.meeting?.tell(false, [5]);
  expect(board.meeting?.told(true)).toEqual([3, 2 ** 40, 1]);
  expect(other.meeting?.told(false)).toEqual([5]);
  other.meeting?.tell(true, []);
  expect(board.meeting?.told(true)).toEqual([]);
  board.post([[0, 1], null, [1, 4]], 7);
  expect(other.incumbent()?.placement).toEqual([[0, 1], null, [1, 4]]);
});
