import type { LengthMixture } from "./lengths.js";

/**
 * Mixtures of this project's own, fitted to public statistics (docs/simulator.md shows the fit).
 * The conversation part of the Azure LLM inference trace 2023 (prompts to 2048 tokens, outputs to
 * 1024): mean, deviation, quantiles and correlation, and its shape: a few kinds of requests of much
 * the same lengths each. Of the others only means and ranges are fitted.
 */
export const LENGTH_PRESETS: Readonly<Record<string, LengthMixture>> = {
  "azure-conversation": {
    name: "azure-conversation",
    promptRange: [4, 2048],
    outputRange: [4, 1024],
    kinds: [
      { weight: 0.3465, prompt: [1089, 68], output: [415, 30] },
      { weight: 0.0261, prompt: [947, 52], output: [640, 141] },
      { weight: 0.298, prompt: [404, 24], output: [95, 28] },
      { weight: 0.1195, prompt: [187, 18], output: [157, 24] },
      { weight: 0.0586, prompt: [1275, 7], output: [161, 63] },
      { weight: 0.0647, prompt: [1572, 281], output: [99, 54] },
      { weight: 0.0291, prompt: [282, 43], output: [7, 4] },
      { weight: 0.0235, prompt: [63, 37], output: [151, 56] },
      { weight: 0.034, prompt: [1032, 132], output: [131, 53] },
    ],
  },
  "azure-code": {
    name: "azure-code",
    promptRange: [4, 2048],
    outputRange: [1, 1024],
    kinds: [
      { weight: 0.4, prompt: [800, 250], output: [20, 7] },
      { weight: 0.6, prompt: [1765, 120], output: [32.5, 11] },
    ],
  },
  sharegpt: {
    name: "sharegpt",
    promptRange: [4, 1023],
    outputRange: [4, 1046],
    kinds: [
      { weight: 0.7, prompt: [25, 8], output: [180, 60] },
      { weight: 0.25, prompt: [110, 40], output: [340, 90] },
      { weight: 0.05, prompt: [580, 150], output: [360, 100] },
    ],
  },
  alpaca: {
    name: "alpaca",
    promptRange: [4, 412],
    outputRange: [4, 717],
    kinds: [
      { weight: 0.9, prompt: [12, 3], output: [39, 14] },
      { weight: 0.1, prompt: [32, 10], output: [129, 45] },
    ],
  },
};
