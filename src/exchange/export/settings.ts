import type { EngineName } from "../../core/engine-choice.js";
import { chooseEngine } from "../../engines/choose-engine.js";
import type { Model, Workload } from "../../core/model.js";
import { mostUnderWay } from "../../engines/engine.js";
import type { Chain } from "./chains.js";
import type { ExportRequest } from "./outcome.js";
import { quoteMarkdown } from "./quote.js";

/** What a plan relies on and an engine has to be told, beside who holds which layers. */
export interface ChainSettings {
  /** Longest request, prompt and answer: what the model takes and the plan's KV holds. */
  readonly contextTokens?: number;
  /** Tokens of KV that the plan counts with. */
  readonly kvTokens?: number;
  /** Most requests under way in the chain, all batches together. */
  readonly maxSequences: number;
  /** Tokens of one step. */
  readonly batchTokens: number;
}

/** Taken where a model does not say how long its context may be: `CONTEXT_REQUESTS` mean requests, at least. */
const ASSUMED_CONTEXT = 4096;
const CONTEXT_REQUESTS = 4;
/** Requests this many times shorter than the mean fill the cache. */
const SHORT_SHARE = 4;

/** The settings under which an engine runs a chain as it was planned and simulated. */
export function settingsOf(
  { cluster }: ExportRequest,
  chain: Chain,
  engine: EngineName,
): ChainSettings {
  const { batching } = chooseEngine(cluster, { engine }).engine;
  const rules =
    batching.kind === "chain"
      ? batching
      : { batchTokens: ASSUMED_CONTEXT, maxSequences: 1, inFlight: "one" as const };
  const perBatch = Math.min(rules.maxSequences, chain.maxBatch ?? Infinity);
  const context = contextOf(cluster.model, cluster.workload, chain.kvCacheTokens);
  return {
    ...(context === undefined ? {} : { contextTokens: context }),
    ...(chain.kvCacheTokens === undefined ? {} : { kvTokens: chain.kvCacheTokens }),
    maxSequences: Math.min(
      mostUnderWay({ ...rules, maxSequences: perBatch }, chain.stages.length),
      shortRequests(cluster.workload, chain.kvCacheTokens),
    ),
    batchTokens: rules.batchTokens,
  };
}

/**
 * Requests that fill the cache if all of them are short. Engines keep buffers for as many as they are told, which
 * would come out of the cache that was planned.
 */
function shortRequests({ promptTokens, outputTokens }: Workload, kvTokens = Infinity): number {
  return Math.max(1, Math.ceil((SHORT_SHARE * kvTokens) / (promptTokens + outputTokens)));
}

/** Tokens that the longest request may have; undefined where neither the model nor the plan says. */
export function contextOf(
  model: Model,
  { promptTokens, outputTokens }: Workload,
  kvTokens: number | undefined,
): number | undefined {
  if (kvTokens === undefined) return model.longestContext;
  const wanted = CONTEXT_REQUESTS * (promptTokens + outputTokens);
  const assumed = Math.max(ASSUMED_CONTEXT, 2 ** Math.ceil(Math.log2(wanted)));
  return Math.max(1, Math.floor(Math.min(kvTokens, model.longestContext ?? assumed)));
}

/** A share of memory as engines take it; at least a hundredth. */
export function formatShare(share: number): string {
  return Math.max(0.01, share).toFixed(2);
}

/** What is lost between a plan and the engines of its chains, whatever the engine is. */
export function listUnsaid(request: ExportRequest, chains: readonly Chain[]): readonly string[] {
  const { cluster, modelGiven, model } = request;
  const unknown = new Set(
    chains.flatMap(({ stages }) =>
      stages.filter(({ memory }) => memory === undefined).map(({ machine }) => machine),
    ),
  );
  const noKv = chains.filter(({ kvCacheTokens }) => kvCacheTokens === undefined);
  return [
    ...(modelGiven
      ? []
      : [
          `where the weights are: ${quoteMarkdown(model)} is the plan's name for them (\`--model\` gives the engine's name or path)`,
        ]),
    ...(unknown.size === 0
      ? []
      : [
          `the share of memory on ${[...unknown].map(quoteMarkdown).join(", ")}, whose card the cluster file does not name: the engine takes its own default`,
        ]),
    ...(noKv.length === 0
      ? []
      : [
          `room for the KV cache of ${noKv.map(({ name }) => name).join(", ")}, which the plan does not know`,
        ]),
    ...(cluster.model.longestContext === undefined && noKv.length < chains.length
      ? [
          "the longest context of the model, which the cluster file does not say: an ordinary one is set",
        ]
      : []),
  ];
}
