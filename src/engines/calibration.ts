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
