import type { Cluster } from "../core/cluster.js";
import type { EngineChoice, EngineName, EngineSettings } from "../core/engine-choice.js";
import { preferEngine } from "../core/engine-choice.js";
import { InputError } from "../core/errors.js";
import type { Engine } from "./engine.js";
import { findEngine } from "./engines.js";

/** What a caller asks of the engine beside what the cluster says. */
export interface EngineAsked extends EngineSettings {
  /** Default the cluster's; where that names none, Helix. */
  readonly engine?: EngineName | undefined;
}

export interface ChosenEngine {
  /** With what was set of it. */
  readonly engine: Engine;
  /** Undefined where nobody named one: the paper's prototype is taken, without its limits on requests. */
  readonly choice: EngineChoice | undefined;
  /** What to ask for to get it again. */
  readonly asked: EngineAsked;
}

/**
 * The engine of a cluster, or the one asked for in its place, with what was set of it.
 * @throws InputError for a most number of requests where the engine has no place for one.
 */
export function chooseEngine(
  { engine: known }: Pick<Cluster, "engine">,
  { engine: name, batchTokens, maxSequences }: EngineAsked,
): ChosenEngine {
  const settings = {
    ...(batchTokens === undefined ? {} : { batchTokens }),
    ...(maxSequences === undefined ? {} : { maxSequences }),
  };
  const choice = preferEngine(known, { ...(name === undefined ? {} : { name }), ...settings });
  const engine = setEngine(findEngine(choice?.name ?? "helix"), choice ?? settings);
  return { engine, choice, asked: choice === undefined ? settings : askFor(engine) };
}

/** What to ask for to get the engine as it is. */
export function askFor({ name, batching }: Engine): EngineAsked {
  if (batching.kind === "layerwise") return { engine: name };
  const { batchTokens } = batching;
  if (batching.kind === "per-server") return { engine: name, batchTokens };
  return { engine: name, batchTokens, maxSequences: batching.maxSequences };
}

function setEngine(
  engine: Engine,
  { batchTokens, maxSequences, overhead }: EngineSettings & Pick<EngineChoice, "overhead">,
): Engine {
  const { batching } = engine;
  if (maxSequences !== undefined && batching.kind !== "chain") {
    throw new InputError("engine", [
      {
        path: "maxSequences",
        found: `${maxSequences} with ${engine.title}`,
        expected: "an engine with one scheduler per chain, which limits the requests of a batch",
        remedy: `Leave it out: ${engine.title} takes what waits, as far as its memory goes.`,
      },
    ]);
  }
  const tokens = batchTokens === undefined ? {} : { batchTokens };
  const sequences = maxSequences === undefined ? {} : { maxSequences };
  return {
    ...engine,
    batching:
      batching.kind === "layerwise"
        ? batching
        : batching.kind === "chain"
          ? { ...batching, ...tokens, ...sequences }
          : { ...batching, ...tokens },
    overhead: { ...engine.overhead, ...overhead },
  };
}
