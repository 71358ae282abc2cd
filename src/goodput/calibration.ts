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
  crowd: 54.6,
  byConcurrency: 0.24,
  byShare: 0.764,
  visit: 1.597,
  promptQueue: 0.343,
  promptLayer: 0.0275,
  linkQueue: 0.281,
  linkCrowd: 0.845,
  promptWork: 0.444,
  promptDecodes: 1.206,
  tails: { timeToFirstToken: 1.67, timePerOutputToken: 2.35 },
};

const DECODE_FIRST: Calibration = {
  crowd: 54.2,
  byConcurrency: 0.185,
  byShare: 1.19,
  visit: 1.006,
  promptQueue: 0.21,
  promptLayer: 3.01,
  linkQueue: 0.351,
  linkCrowd: 0.0132,
  promptWork: 2.085,
  promptDecodes: 0.516,
  tails: { timeToFirstToken: 1.7, timePerOutputToken: 1.5 },
};

/** The constants of a batching policy. Continuous batching is close enough to layerwise to share its own. */
export function calibrationOf(batching: BatchingName): Calibration {
  return batching === "decode-first" ? DECODE_FIRST : LAYERWISE;
}
