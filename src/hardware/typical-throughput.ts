import type { Workload } from "../core/model.js";
import type { Curve } from "../core/capacity.js";
import { curveAt } from "./curve.js";

/** `helix`: smooth and non-increasing. `helix-paper`: as published, batches rounded to integers. */
export type ThroughputRule = "helix" | "helix-paper";

export interface TypicalMachine {
  /** Nodes of this type. */
  readonly count: number;
  readonly promptSeconds: Curve;
  readonly decodeSeconds: Curve;
  /** Tokens whose KV fits when k layers are held: index k − 1; its length is the most layers held. */
  readonly kvTokens: readonly number[];
  /** T(k) where it is given: it then only enters the mix. */
  readonly tokensPerSecond?: readonly number[];
  /** Where the published rule starts: layers held, and layers·tokens/s up to a common factor. */
  readonly start?: { readonly layers: number; readonly throughput: number };
}

export interface TypicalThroughputRequest {
  readonly machines: readonly TypicalMachine[];
  /** Layers of the model, L. */
  readonly layers: number;
  readonly workload: Workload;
  readonly rule: ThroughputRule;
}

/** Share of the KV cache in use on average. */
const KV_USE = 0.3;
/** A mix holds at least this many times the model, or its machines are taken as full. */
const SPARE_LAYERS = 1.2;
const TYPICAL_SHARE = 2 / 3;
const PUBLISHED_ROUNDS = 10;
const ROUNDS = 200;
const CONVERGED = 1e-10;

/**
 * T(k) of every machine type in a mix: the rate at which a node with k layers runs all of them,
 * given the batch that accumulates while a request is away on the other nodes (Helix, ASPLOS 2025,
 * and its artifact). `helix` solves the mix to its fixed point, `helix-paper` runs ten rounds.
 * O(rounds · machines + machines · layers).
 */
export function typicalThroughput(
  request: TypicalThroughputRequest,
): readonly (readonly number[])[] {
  const rateOf = throughputOf(request);
  return request.machines.map((machine, index) => {
    if (machine.tokensPerSecond !== undefined) return machine.tokensPerSecond;
    const figures = machine.kvTokens.map((_, held) => rateOf(machine, index, held + 1));
    return request.rule === "helix" ? nonIncreasing(figures) : figures;
  });
}

/**
 * The rate at which a machine of type `index` runs `held` layers in the settled mix, with the cache and
 * the curves of `machine`: its own, or those of the very layers it holds.
 */
export function throughputOf(
  request: TypicalThroughputRequest,
): (machine: TypicalMachine, index: number, held: number) => number {
  const { machines, layers, rule } = request;
  const typical = typicalLayers(machines, layers);
  const rates =
    rule === "helix-paper" && machines.every((machine) => machine.start !== undefined)
      ? publishedRates(request, typical)
      : settledRates(request, typical);
  return (machine, index, held) =>
    throughputAt(
      machine === machines[index]
        ? request
        : { ...request, machines: machines.with(index, machine) },
      typical,
      rates,
      index,
      held,
    );
}

/** Layers that a node of each type typically holds, ℓ. */
function typicalLayers(machines: readonly TypicalMachine[], layers: number): readonly number[] {
  const most = machines.map((machine) =>
    Math.min(layers, machine.tokensPerSecond?.length ?? machine.kvTokens.length),
  );
  const usual = machines.map((machine, index) =>
    Math.min(most[index]!, machine.start?.layers ?? Math.round(most[index]! * TYPICAL_SHARE)),
  );
  const held = usual.reduce((sum, each, index) => sum + each * machines[index]!.count, 0);
  return held < SPARE_LAYERS * layers ? most : usual;
}

/** Layers·tokens/s by machine, from the published start and the published ten rounds. */
function publishedRates(
  request: TypicalThroughputRequest,
  typical: readonly number[],
): readonly number[] {
  let rates: readonly number[] = request.machines.map((machine) => machine.start!.throughput);
  for (let round = 0; round < PUBLISHED_ROUNDS; round++) {
    rates = nextRates(request, typical, rates);
  }
  return rates;
}

/** The fixed point of the rounds, reached by halving each step on a logarithmic scale. */
function settledRates(
  request: TypicalThroughputRequest,
  typical: readonly number[],
): readonly number[] {
  const smooth: TypicalThroughputRequest = { ...request, rule: "helix" };
  let rates: readonly number[] = typical.map((held) => Math.max(1, held));
  for (let round = 0; round < ROUNDS; round++) {
    const next = nextRates(smooth, typical, rates);
    const step = rates.map((rate, index) => Math.sqrt(rate * next[index]!));
    const change = Math.max(...step.map((rate, index) => Math.abs(rate / rates[index]! - 1)));
    rates = step;
    if (change < CONVERGED) break;
  }
  return rates;
}

function nextRates(
  request: TypicalThroughputRequest,
  typical: readonly number[],
  rates: readonly number[],
): readonly number[] {
  return request.machines.map((machine, index) => {
    const held = typical[index]!;
    if (held === 0) return rates[index]!;
    const given = machine.tokensPerSecond?.[held - 1];
    return held * (given ?? throughputAt(request, typical, rates, index, held));
  });
}

function throughputAt(
  request: TypicalThroughputRequest,
  typical: readonly number[],
  rates: readonly number[],
  index: number,
  held: number,
): number {
  const { machines, layers, workload, rule } = request;
  const { promptTokens, outputTokens } = workload;
  const machine = machines[index]!;
  const share = busyShare(machines, typical, rates, layers, rates[index]!, held);
  const entries = KV_USE * machine.kvTokens[held - 1]!;
  const resident =
    (rule === "helix-paper" ? Math.trunc(entries) : entries) / (promptTokens + outputTokens);
  const batch = resident * share;
  const prompts = Math.min(1, batch / outputTokens);
  if (rule === "helix") {
    const decode = curveAt(machine.decodeSeconds, prompts * outputTokens, "flat") / prompts;
    const prompt = curveAt(machine.promptSeconds, promptTokens, "through-zero");
    return (promptTokens + outputTokens) / (held * (prompt + decode));
  }
  const capped = batch / outputTokens > 1;
  const inPrompt = capped ? promptTokens : Math.round(prompts * promptTokens);
  const inDecode = capped ? outputTokens : Math.round(batch);
  const prompt = curveAt(machine.promptSeconds, inPrompt / prompts, "through-zero");
  const decode = curveAt(machine.decodeSeconds, inDecode, "through-zero") / prompts;
  return (inPrompt + inDecode) / prompts / (held * (prompt + decode));
}

/** w: the share of a round trip that a request spends on a node with `held` layers. */
function busyShare(
  machines: readonly TypicalMachine[],
  typical: readonly number[],
  rates: readonly number[],
  layers: number,
  rate: number,
  held: number,
): number {
  let seconds = 0;
  let weight = 0;
  machines.forEach(({ count }, index) => {
    seconds += (count * typical[index]!) / rates[index]!;
    weight += count * typical[index]!;
  });
  const elsewhere = Math.max(0, layers - held) * (weight === 0 ? 0 : seconds / weight);
  const here = held / rate;
  return here / (elsewhere + here);
}

function nonIncreasing(figures: readonly number[]): readonly number[] {
  let least = Infinity;
  return figures.map((figure) => {
    least = Math.min(least, figure);
    return least;
  });
}
