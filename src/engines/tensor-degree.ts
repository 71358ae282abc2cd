import { sourceOf, type Cluster } from "../core/cluster.js";
import { InputError } from "../core/errors.js";
import { layerRuns, type Model } from "../core/model.js";
import type { Engine } from "./engine.js";

/**
 * Why attention cannot be split over so many cards, in words that follow "it has …"; undefined where it
 * can, or where the heads are not known. Query heads are divided evenly; heads of the cache are divided
 * or else copied evenly (vLLM, SGLang and TensorRT-LLM alike).
 */
export function refuseDegree(model: Model, cards: number): string | undefined {
  const heads = model.attentionHeads;
  if (heads !== undefined && heads % cards !== 0) {
    return `${heads} attention heads, which ${cards} cards cannot divide evenly`;
  }
  for (const { cacheHeads } of layerRuns(model)) {
    if (cacheHeads === undefined || cacheHeads % cards === 0 || cards % cacheHeads === 0) continue;
    return `${cacheHeads} heads of keys and values, which ${cards} cards can neither divide nor copy evenly`;
  }
  return undefined;
}

/**
 * Why an engine cannot run so many cards as one node, in a sentence; undefined where it can. The prototype
 * of the Helix paper is asked nothing: what stands in its cluster files was measured.
 */
export function refuseCards(
  { name, title, tensorParallel }: Engine,
  model: Model,
  cards: number,
): string | undefined {
  if (cards === 1 || name === "helix") return undefined;
  if (tensorParallel === "none") return `${title} makes every card a stage of its own`;
  const why = refuseDegree(model, cards);
  return why && `${model.name} has ${why}`;
}

/**
 * @throws InputError naming the machines in use whose cards the engine cannot run as one node. Cards that a
 * cluster file describes for the engine are shared out when it is read, so these are figures given for a
 * machine as a whole, or clusters that were read for another engine.
 */
export function requireDegrees(cluster: Cluster, engine: Engine): void {
  const used = new Set(cluster.nodes.map(({ machine }) => machine));
  const problems = cluster.machines.flatMap(({ name, gpus }, index) => {
    const why = used.has(index) ? refuseCards(engine, cluster.model, gpus) : undefined;
    if (why === undefined) return [];
    return [
      {
        path: `machines.${name}.gpus`,
        found: `${gpus} cards as one node`,
        expected: `a degree of tensor parallelism that ${engine.title} can run: ${why}`,
        remedy:
          'Describe the cards ("gpu", "gpus") without a profile and with "tensorParallel": "auto", or as nodes of one card each, or choose another --engine.',
      },
    ];
  });
  if (problems.length > 0) throw new InputError(sourceOf(cluster), problems);
}

/** The cluster without links between nodes of unlike degrees, where the engine keeps one degree along a chain. */
export function keepDegrees(cluster: Cluster, { tensorParallel }: Engine): Cluster {
  const { equalDegrees: had, ...rest } = cluster;
  const unlike = new Set(cluster.machines.map(({ gpus }) => gpus)).size > 1;
  const keep = tensorParallel === "equal" && unlike;
  if (keep === (had === true)) return cluster;
  return keep ? { ...rest, equalDegrees: true } : rest;
}
