import { decompress } from "fzstd";

/** Addresses inside the page's own memory, so that nothing is fetched once it has loaded. */
export interface Resources {
  /** The program, as a worker runs it. */
  readonly script: string;
  readonly solverWasm: string;
}

/** Fetches what lies beside the program. @throws Error with a sentence for people. */
export async function loadResources(program: string): Promise<Resources> {
  const [script, solver] = await Promise.all([
    fetchBytes(program),
    fetchBytes(new URL("highs.wasm.zst", program).href),
  ]);
  return {
    script: keep(script, "text/javascript"),
    solverWasm: keep(decompress(solver), "application/wasm"),
  };
}

async function fetchBytes(address: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} could not be loaded (${response.status}).`);
  return new Uint8Array(await response.arrayBuffer());
}

function keep(bytes: Uint8Array, type: string): string {
  return URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }));
}
