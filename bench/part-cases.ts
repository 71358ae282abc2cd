/**
 * Machines whose cards have to be shared out: even numbers and odd ones, several kinds of cards in one machine, models of 28, 40
 * and 64 heads. Capacities are estimated.
 */
type Cards = readonly (readonly [gpu: string, gpus: number])[];

const CASES: readonly (readonly [machines: number, cards: Cards, model: string])[] = [
  [2, [["L40S", 8]], "llama-3-70b"],
  [2, [["H100-80GB", 8]], "llama-3-70b"],
  [2, [["A100-80GB", 3]], "llama-3-70b"],
  [2, [["L40S", 6]], "llama-3-70b"],
  [2, [["L40S", 7]], "llama-3-70b"],
  [
    2,
    [
      ["RTX-4090", 1],
      ["RTX-3060-12GB", 1],
    ],
    "llama-2-13b",
  ],
  [
    1,
    [
      ["A100-80GB", 4],
      ["A10G", 2],
    ],
    "llama-3-70b",
  ],
  [1, [["L4", 8]], "qwen-2.5-7b"],
  [2, [["L4", 7]], "qwen-2.5-7b"],
  [3, [["RTX-3060-12GB", 3]], "qwen-2.5-7b"],
  [2, [["L4", 5]], "llama-2-13b"],
  [2, [["L4", 6]], "llama-2-13b"],
  [2, [["L4", 7]], "llama-2-13b"],
  [
    3,
    [
      ["L40S", 7],
      ["L4", 3],
    ],
    "llama-3-70b",
  ],
];

/** Cluster files by what they are. */
export function listPartCases(): readonly (readonly [string, object])[] {
  return CASES.map(([machines, cards, model]) => {
    const name = `${machines} × ${cards.map(([gpu, gpus]) => `${gpus} ${gpu}`).join(" + ")}, ${model}`;
    return [
      name,
      {
        format: "helix-place/cluster@1",
        name,
        model,
        machines: {
          box: { cards: cards.map(([gpu, count]) => ({ gpu, count })), nic: "25 Gb/s" },
        },
        nodes: [{ id: "box", machine: "box", count: machines }],
        network: { withinRegion: { bandwidth: "25 Gb/s", latency: "0.2 ms" } },
      },
    ];
  });
}
