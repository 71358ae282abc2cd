import { printable } from "../core/printable.js";
import { largest, smallest } from "../core/extremes.js";
import type { Model } from "../core/model.js";
import { activeParameters, totalParameters } from "../model/parameter-counts.js";
import { GIGA, MEGA } from "../core/units.js";

/** The figures of a model by name, as `helix-place model` shows them. */
export interface ModelFigures {
  readonly name: string;
  readonly parameters?: number;
  readonly activeParameters?: number;
  readonly layers: number;
  readonly weightBytes: number;
  readonly layerBytes: number;
  /** Least and most bytes of a layer, where layers differ. */
  readonly layerBytesRange?: readonly [number, number];
  readonly embeddingBytes: number;
  readonly headBytes: number;
  readonly kvBytesPerTokenAndLayer: number;
  readonly kvBytesPerToken: number;
  readonly activationBytesPerToken: number;
}

/**
 * @param exact totals of the file itself, where it lists its tensors; else they are counted.
 */
export function modelFigures(
  model: Model,
  exact?: { readonly parameters: number; readonly weightBytes: number },
): ModelFigures {
  const { shape, bytesByLayer } = model;
  const counted = exact?.parameters ?? (shape === undefined ? undefined : totalParameters(shape));
  const layersBytes =
    bytesByLayer === undefined ? model.layers * model.layerBytes : sum(bytesByLayer);
  const tied =
    shape?.tiedEmbeddings === true
      ? shape.vocabularySize * shape.hiddenSize * shape.weightBytes
      : 0;
  const embeddingBytes = model.embeddingBytes ?? 0;
  const headBytes = model.headBytes ?? 0;
  return {
    name: model.name,
    ...(counted === undefined ? {} : { parameters: counted }),
    ...(shape?.experts === undefined ? {} : { activeParameters: activeParameters(shape) }),
    layers: model.layers,
    weightBytes: exact?.weightBytes ?? layersBytes + embeddingBytes + headBytes - tied,
    layerBytes: model.layerBytes,
    ...(bytesByLayer === undefined
      ? {}
      : { layerBytesRange: [smallest(bytesByLayer), largest(bytesByLayer)] as const }),
    embeddingBytes,
    headBytes,
    kvBytesPerTokenAndLayer: model.kvBytesPerToken,
    kvBytesPerToken:
      model.kvBytesByLayer === undefined
        ? model.layers * model.kvBytesPerToken
        : sum(model.kvBytesByLayer),
    activationBytesPerToken: model.activationBytes,
  };
}

/** The figures as an aligned table, and what had to be assumed. */
export function summarizeModel(figures: ModelFigures, assumptions: readonly string[]): string {
  const { parameters, activeParameters: active, layerBytesRange: range } = figures;
  const rows: readonly (readonly [string, string] | undefined)[] = [
    ["model", printable(figures.name)],
    parameters === undefined ? undefined : ["parameters", grouped(parameters)],
    active === undefined ? undefined : ["active per token", grouped(active)],
    ["layers", String(figures.layers)],
    ["weights", gigabytes(figures.weightBytes)],
    [
      "one layer",
      range === undefined ? megabytes(figures.layerBytes) : range.map(megabytes).join(" to "),
    ],
    ["embedding (first stage)", megabytes(figures.embeddingBytes)],
    ["head (last stage)", megabytes(figures.headBytes)],
    ["KV per token and layer", `${grouped(figures.kvBytesPerTokenAndLayer)} B`],
    ["KV per token, all layers", `${grouped(figures.kvBytesPerToken)} B`],
    ["activations per token", `${grouped(figures.activationBytesPerToken)} B`],
  ];
  const shown = rows.filter((row) => row !== undefined);
  const width = Math.max(...shown.map(([label]) => label.length));
  const lines = shown.map(([label, value]) => `${label.padEnd(width)}  ${value}`);
  return [...lines, ...assumptions.map((text) => `assumed: ${printable(text)}`)].join("\n");
}

function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

function megabytes(bytes: number): string {
  return `${grouped(bytes / MEGA)} MB`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / GIGA).toFixed(1)} GB`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
