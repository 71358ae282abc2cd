/** How the backends of llama.cpp call their first card (ggml's headers, 2026), by the card's name. */
const DEVICES: readonly (readonly [card: RegExp, device: string])[] = [
  [/^(MI\d|RX-|PRO-W|AI-PRO|Strix)/i, "ROCm0"],
  [/^M\d/i, "MTL0"],
  [/^Arc-/i, "SYCL0"],
];
const NVIDIA = "CUDA0";

/** The device of a server's own card; NVIDIA's where the card is not known. */
export function llamaDevice(gpu: string | undefined): string {
  return DEVICES.find(([card]) => gpu !== undefined && card.test(gpu))?.[1] ?? NVIDIA;
}
