import type { BatchingName } from "../simulate/batching.js";

/**
 * What the steady-state model cannot derive, fitted once against the simulator (bench/goodput.ts,
 * docs/validation.md). Without units unless named.
 */
export interface Calibration {
  /** Crowd a decode finds itself in: crowd · N^byConcurrency · share^byShare, at most N · share. */
  readonly crowd: number;
  readonly byConcurrency: number;
  readonly byShare: number;
  /** Seconds on a node per second of its decode batch. */
  readonly visit: number;
  /** Wait behind prompts: whole ones, as in a queue, and the layer under way. */
  readonly promptQueue: number;
  readonly promptLayer: number;
  /** Wait on links: behind prompts, as in a queue, and behind the crowd's own decodes. */
  readonly linkQueue: number;
  readonly linkCrowd: number;
  /** Seconds a prompt takes per second of its own work, and per second a decode takes on the nodes. */
  readonly promptWork: number;
  readonly promptDecodes: number;
  /** 95th percentile over mean: TTFT, TPOT. */
  readonly tails: { readonly timeToFirstToken: number; readonly timePerOutputToken: number };
}

const LAYERWISE: Calibration = {
  crowd: 57.06,
  byConcurrency: 0.2401,
  byShare: 0.8258,
  visit: 1.632,
  promptQueue: 0.3012,
  promptLayer: 0.01901,
  linkQueue: 0.2579,
  linkCrowd: 1.111,
  promptWork: 0.4518,
  promptDecodes: 1.231,
  tails: { timeToFirstToken: 1.69, timePerOutputToken: 2.33 },
};

const DECODE_FIRST: Calibration = {
  crowd: 66.96,
  byConcurrency: 0.136,
  byShare: 0.8983,
  visit: 1.246,
  promptQueue: 0.1755,
  promptLayer: 0.3237,
  linkQueue: 0.446,
  linkCrowd: 0.02455,
  promptWork: 1.834,
  promptDecodes: 1.021,
  tails: { timeToFirstToken: 1.5, timePerOutputToken: 1.3 },
};

/** The constants of a batching policy. Continuous batching is close enough to layerwise to share its own. */
export function calibrationOf(batching: BatchingName): Calibration {
  return batching === "decode-first" ? DECODE_FIRST : LAYERWISE;
}
