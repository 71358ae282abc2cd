import type { Model } from "../core/model.js";
import type { ClusterFile } from "../formats/cluster-schema.js";

/** All that a person has set in the page: what is planned, shared, undone. Plain data. */
export interface Question {
  readonly file: ClusterFile;
  /** The model of the file that the cluster file refers to, where it refers to one. */
  readonly model?: Model;
  /** What plans are to be best in; absent: what the planner takes by itself. */
  readonly objective?: "flow" | "served" | "goodput";
  /** Seconds; absent = free. */
  readonly limits: { readonly timeToFirstToken?: number; readonly timePerOutputToken?: number };
  readonly effort: Effort;
}

export interface Effort {
  /** Wall clock of the whole search. */
  readonly seconds: number;
  /** Steps per strategy instead of the clock: the same bytes every time, here and in a terminal. */
  readonly steps?: number;
  readonly seed: number;
}

const USUAL_EFFORT: Effort = { seconds: 20, seed: 1 };

/** A cluster to plan, with everything else as it usually is. */
export function askAbout(file: ClusterFile, model?: Model): Question {
  return {
    file,
    limits: {},
    effort: USUAL_EFFORT,
    ...(model === undefined ? {} : { model }),
  };
}
