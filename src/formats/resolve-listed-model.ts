import type { Assumption, LayerRun, Model } from "../core/model.js";
import { modelFromLayers } from "../model/model-from-shape.js";
import type { ListedModelEntry } from "./cluster-schema.js";
import type { ProblemList } from "./problem-list.js";
import { readOptionalQuantity, readQuantity } from "./read-quantity.js";

type LayerEntry = ListedModelEntry["layers"][number];

const MOST_LAYERS = 10_000;
/** Bytes per weight where an entry does not say how many weights its bytes are. */
const ASSUMED_WEIGHT_BYTES = 2;
/** Bytes of one token id on the wire. */
const TOKEN_BYTES = 2;

/** A model whose layers stand in the cluster file, one by one or in runs. */
export function resolveListedModel(entry: ListedModelEntry, list: ProblemList): Model | undefined {
  const assumptions: Assumption[] = [];
  const activationBytes = readQuantity("bytes", entry.activationBytes);
  const runs = entry.layers.map((layer, index) =>
    resolveLayer(layer, `model.layers[${index}]`, activationBytes, assumptions),
  );
  const layers = runs.reduce((sum, { count }) => sum + count, 0);
  if (layers > MOST_LAYERS)
    list.add("model.layers", `${layers} layers`, `at most ${MOST_LAYERS}`, "Check the counts.");
  entry.layers.forEach(({ bytes, expertBytes = 0 }, index) => {
    if (readQuantity("bytes", expertBytes) <= readQuantity("bytes", bytes)) return;
    const path = `model.layers[${index}].expertBytes`;
    list.add(path, expertBytes, `at most its bytes, ${bytes}`, "Count experts within bytes.");
  });
  if (list.problems.length > 0 && layers > MOST_LAYERS) return undefined;
  const embeddingBytes = readOptionalQuantity("bytes", entry.embeddingBytes);
  const headBytes = readOptionalQuantity("bytes", entry.headBytes);
  return {
    ...modelFromLayers(entry.name, runs),
    activationBytes,
    tokenBytes: readQuantity("bytes", entry.tokenBytes ?? TOKEN_BYTES),
    ...(embeddingBytes === undefined ? {} : { embeddingBytes }),
    ...(headBytes === undefined ? {} : { headBytes }),
    ...(assumptions.length === 0 ? {} : { assumptions }),
  };
}

function resolveLayer(
  entry: LayerEntry,
  where: string,
  activationBytes: number,
  assumptions: Assumption[],
): LayerRun {
  const { kvWindow } = entry;
  const bytes = readQuantity("bytes", entry.bytes);
  const kvBytesPerToken = readQuantity("bytes", entry.kvBytesPerToken ?? 0);
  const activeParameters = entry.activeParameters ?? bytes / ASSUMED_WEIGHT_BYTES;
  return {
    count: entry.count ?? 1,
    bytes,
    ...readExperts(entry, { bytes, activeParameters }, where, assumptions),
    activeParameters,
    attentionFlops: entry.attentionFlops ?? (kvBytesPerToken > 0 ? 2 * activationBytes : 0),
    kvBytesPerToken,
    ...(kvWindow === undefined ? {} : { kvWindow }),
    stateBytes: readQuantity("bytes", entry.stateBytes ?? 0),
    ...(entry.cacheHeads === undefined ? {} : { cacheHeads: entry.cacheHeads }),
    productBits: 16,
  };
}

/**
 * A layer that one token passes a part of only is a mixture of experts. Where the entry does not say how
 * many of its bytes are experts, all of them are taken as such: large batches read every byte either way.
 */
function readExperts(
  entry: LayerEntry,
  { bytes, activeParameters }: Pick<LayerRun, "bytes" | "activeParameters">,
  where: string,
  assumptions: Assumption[],
): Pick<LayerRun, "expertBytes" | "expertShare"> {
  const { expertShare } = entry;
  const expertBytes = readOptionalQuantity("bytes", entry.expertBytes);
  const share = Math.min(1, (activeParameters * ASSUMED_WEIGHT_BYTES) / Math.max(1, bytes));
  if (expertBytes !== undefined && expertBytes > 0)
    return { expertBytes, expertShare: expertShare ?? share };
  if (expertBytes === 0 || share > 0.99) return { expertBytes: 0, expertShare: 1 };
  assumptions.push({
    what: `${where} does not say how many of its bytes are experts`,
    where: `${where}.expertBytes`,
    effect: "all are taken as experts, weights as 16 bits: small batches may seem too fast",
  });
  return { expertBytes: bytes, expertShare: expertShare ?? share };
}
