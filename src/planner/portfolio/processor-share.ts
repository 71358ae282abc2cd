import type { SearchPorts } from "./search.js";

/** A search with less processor time per second and thread says so, if it lasted long enough to tell. */
const STARVED_BELOW = 0.6;
const LEAST_SECONDS = 1;

/** @returns what tells the share of processor time from here on, if it is remarkably small. */
export function watchProcessor(
  ports: Pick<SearchPorts, "now" | "processorSeconds">,
  threads: number,
): () => number | undefined {
  const [started, before] = [ports.now(), ports.processorSeconds?.()];
  return () => {
    const seconds = ports.now() - started;
    const used = ports.processorSeconds?.();
    if (used === undefined || before === undefined || seconds < LEAST_SECONDS) return undefined;
    const share = (used - before) / (seconds * Math.max(1, threads));
    return share < STARVED_BELOW ? share : undefined;
  };
}
