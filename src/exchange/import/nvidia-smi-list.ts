import type { GpuRow } from "./gpu-rows.js";

/** `nvidia-smi -L`: a line for each card, below it one for each of its slices. Linear in the text. */
export function readNvidiaList(text: string, host: string): readonly GpuRow[] {
  const rows: GpuRow[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    const card = /^GPU \d+: (.+?)(?: \(UUID: [^)]*\))?$/.exec(line.trimEnd());
    if (card !== null) {
      rows.push({ host, place: { line: index + 1, column: 1 }, product: card[1]! });
    } else if (/^\s+MIG /.test(line) && rows.length > 0) {
      rows.push({ ...rows.pop()!, mig: true });
    }
  });
  return rows;
}
