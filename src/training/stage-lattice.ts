/** A way into a state from a state of the stage before. */
export interface LatticeEdge {
  readonly state: number;
  readonly secondsPerByte: number;
}

/** One possible home of a stage: which machine types it runs on and what its gradient ring costs. */
export interface LatticeState {
  /** Index into `StageLattice.profiles`. */
  readonly profile: number;
  /** Seconds per parameter byte of the gradient all-reduce, factor 2(dp − 1)/dp included. */
  readonly ringSecondsPerByte: number;
  /** Empty for the first stage. */
  readonly edges: readonly LatticeEdge[];
}

/**
 * All node orders of a search at once: one layer of states per stage; a path through it is a
 * placement of the stages on nodes. A fixed order is a lattice with one state per stage.
 */
export interface StageLattice {
  /** Sets of machine types that share a stage, by index; each sorted. */
  readonly profiles: readonly (readonly number[])[];
  /** `[stage][state]`. */
  readonly stages: readonly (readonly LatticeState[])[];
  /** The node order behind a path (one state per stage). */
  readonly orderOf: (path: readonly number[]) => readonly number[];
  /** Whether the lattice holds every order that differs in cost, or only those given. */
  readonly complete: boolean;
}

/** Collects profiles and gives each set of machine types one index. */
export function createProfileIndex(): {
  readonly profiles: (readonly number[])[];
  readonly indexOf: (machines: readonly number[]) => number;
} {
  const profiles: (readonly number[])[] = [];
  const known = new Map<string, number>();
  return {
    profiles,
    indexOf(machines) {
      const sorted = [...new Set(machines)].sort((a, b) => a - b);
      const key = sorted.join(" ");
      const found = known.get(key);
      if (found !== undefined) return found;
      profiles.push(sorted);
      known.set(key, profiles.length - 1);
      return profiles.length - 1;
    },
  };
}
