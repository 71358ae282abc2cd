/**
 * The rules and constants of the Helix runtime, as its paper (Mei et al., ASPLOS'25, section 4) and
 * its public artifact have them. Scheduler, simulator and steady-state model all read them here.
 */
export const HELIX = {
  /** A link with less than this share of its tail's out-flow carries no requests. */
  leastFlowShare: 0.05,
  /**
   * What the scheduler expects of KV caches: the share of a node's cache that expected requests may
   * fill, and the share of the mean output by which a request is expected to grow.
   */
  kv: {
    offline: { highWaterMark: 0.85, outputRatio: 1 },
    online: { highWaterMark: 0.9, outputRatio: 0.6 },
  },
  /** The offline load: what each figure does is told at `Traffic` of the simulator. */
  offline: { initial: 20, feedMark: 0.8, concurrency: 180, launchDelaySeconds: 0.1 },
  /** The window over which the paper measures, offline. */
  paperWindow: { warmupSeconds: 60, durationSeconds: 600 },
  /** Longest prompt, in tokens, that one place of a prompt batch takes. */
  promptSlotTokens: 2048,
  /** Context, in tokens, that one place of a decode batch stands for. */
  decodeSlotContext: 1000,
  /** Copying a token's activations into a batch and to the GPU, seconds per byte. */
  loadSecondsPerByte: 1 / 4e9 + 1 / 5e9,
} as const;
