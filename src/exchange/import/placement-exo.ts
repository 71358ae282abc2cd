import { InputError } from "../../core/errors.js";
import { parseJson } from "../../formats/parse-json.js";
import type { ImportFile, PlacementEntry } from "./placement-entries.js";

/** A stage of an exo ring. */
interface Shard {
  readonly rank: number;
  readonly start: number;
  readonly end: number;
  readonly node?: string;
}

/**
 * exo: exported patches (`shards`, which name nodes), or exo's own instances (`/instance`, `/state`), whose
 * nodes `nodes` names in the order of their ranks.
 * @throws InputError where no shard is found, or nobody says whose it is.
 */
export function readExo(
  files: readonly ImportFile[],
  nodes: readonly string[],
): readonly PlacementEntry[] {
  return files.flatMap(({ name: source, text }) => {
    const shards = [...findShards(parseJson(source, text))].sort((a, b) => a.rank - b.rank);
    const named = shards.every(({ node }) => node !== undefined);
    const fits = nodes.length > 0 ? nodes.length === shards.length : named;
    if (shards.length === 0 || !fits) {
      throw new InputError(source, [
        {
          path: "",
          found: shards.length === 0 ? "no shard of a ring" : `${shards.length} shards`,
          expected: "shards with startLayer and endLayer, and a node for each",
          remedy: "Name the nodes in the order of deviceRank: --nodes a,b,c (one ring at a time).",
        },
      ]);
    }
    return shards.map(({ rank, start, end, node }, index) => ({
      source,
      path: `shard ${rank}`,
      node: nodes[index] ?? node!,
      layers: [start, end] as const,
    }));
  });
}

function* findShards(value: unknown): Generator<Shard> {
  if (typeof value !== "object" || value === null) return;
  const { startLayer, endLayer, deviceRank, node } = value as Readonly<Record<string, unknown>>;
  if (typeof startLayer === "number" && typeof endLayer === "number") {
    yield {
      rank: typeof deviceRank === "number" ? deviceRank : startLayer,
      start: startLayer,
      end: endLayer,
      ...(typeof node === "string" ? { node } : {}),
    };
    return;
  }
  for (const entry of Object.values(value)) yield* findShards(entry);
}
