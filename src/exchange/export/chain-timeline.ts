import { weighChains, type Chain } from "./chains.js";

/** What chains do in one step of a change. */
export interface ChainStep {
  /** Chains that end when the step begins. */
  readonly stops: readonly Chain[];
  /** Chains that serve while it lasts, weighed among themselves. */
  readonly serving: readonly Chain[];
  /** Chains that start when its nodes are ready. */
  readonly starts: readonly Chain[];
}

export interface ChainTimeline {
  readonly kept: readonly Chain[];
  readonly steps: readonly ChainStep[];
  /** All chains of the new placement, weighed. */
  readonly end: readonly Chain[];
}

export interface ChainChange {
  /** What runs, under the names that it has. */
  readonly running: readonly Chain[];
  /** The chains of the new placement. */
  readonly next: readonly Chain[];
  /** Names that are taken: `chain-1` to `chain-<taken>`. */
  readonly taken: number;
  /** The step in which a node changes, from 1; absent where it stays as it is. */
  readonly stepOf: ReadonlyMap<string, number>;
  /** Number of steps. */
  readonly steps: number;
}

/**
 * When chains end and start while nodes change step by step. An engine is all of its chain's nodes: a chain ends with
 * the first step that takes one of its nodes, and a new one starts after the last that readies one. A chain that is the
 * same before and after runs through. A node is never in two chains at once. O(stages).
 */
export function timeChains(change: ChainChange): ChainTimeline {
  const { running, next, taken, stepOf } = change;
  const before = new Map(running.map((chain) => [keyOf(chain), chain.name]));
  const stays = (chain: Chain): boolean =>
    before.has(keyOf(chain)) && chain.stages.every(({ id }) => !stepOf.has(id));
  const kept = next.filter(stays).map((chain) => ({ ...chain, name: before.get(keyOf(chain))! }));
  const fresh = next
    .filter((chain) => !stays(chain))
    .map((chain, at) => ({ ...chain, name: `chain-${taken + at + 1}` }));
  const names = new Set(kept.map(({ name }) => name));
  const ending = running.filter(({ name }) => !names.has(name));
  const count = Math.max(change.steps, fresh.length + ending.length > 0 ? 1 : 0);

  const startOf = (chain: Chain): number =>
    Math.max(...chain.stages.map(({ id }) => stepOf.get(id) ?? 1));
  // The first step in which a node is needed otherwise.
  const neededAt = new Map(stepOf);
  for (const chain of fresh)
    for (const { id } of chain.stages)
      neededAt.set(id, Math.min(neededAt.get(id) ?? Infinity, startOf(chain)));
  const stopOf = (chain: Chain): number =>
    Math.min(count, ...chain.stages.map(({ id }) => neededAt.get(id) ?? Infinity));

  const steps = Array.from({ length: count }, (_, at): ChainStep => {
    const step = at + 1;
    const serving = [
      ...kept,
      ...ending.filter((chain) => stopOf(chain) > step),
      ...fresh.filter((chain) => startOf(chain) < step),
    ];
    return {
      stops: ending.filter((chain) => stopOf(chain) === step),
      serving: serving.length === 0 ? [] : weighChains(serving),
      starts: fresh.filter((chain) => startOf(chain) === step),
    };
  });
  return { kept, steps, end: weighChains([...kept, ...fresh]) };
}

function keyOf({ stages }: Chain): string {
  return JSON.stringify(stages.map(({ id, layers }) => [id, ...layers]));
}
