import { describeAssumption } from "./assumptions.js";
import { largest, smallest } from "../core/extremes.js";
import { printable } from "../core/printable.js";
import { layerRuns } from "../core/model.js";
import type { Assumption, LayerRun, Model } from "../core/model.js";
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
  /** Over all layers, as if no window ended. */
  readonly kvBytesPerToken: number;
  /** Of it, what ends at a window, and where. */
  readonly windowedKvBytesPerToken?: number;
  readonly windows?: readonly number[];
  /** Per sequence, whatever its length. */
  readonly stateBytesPerSequence?: number;
  readonly activationBytesPerToken: number;
}

/**
 * @param exact totals of the file itself, where it lists its tensors; else they are counted.
 */
export function modelFigures(
  model: Model,
  exact?: { readonly parameters: number; readonly weightBytes: number },
): ModelFigures {
  const runs = layerRuns(model);
  const sum = (value: (run: LayerRun) => number): number =>
    runs.reduce((total, run) => total + run.count * value(run), 0);
  const counted = exact?.parameters ?? model.parameters?.total;
  const active = model.parameters?.active;
  const embeddingBytes = model.embeddingBytes ?? 0;
  const headBytes = model.headBytes ?? 0;
  const bytes = runs.map((run) => run.bytes);
  const ends = embeddingBytes + headBytes - (model.tiedBytes ?? 0);
  const windows = runs.filter((run) => run.kvWindow !== undefined && run.kvBytesPerToken > 0);
  return {
    name: model.name,
    ...(counted === undefined ? {} : { parameters: counted }),
    ...(active === undefined || active === counted ? {} : { activeParameters: active }),
    layers: model.layers,
    weightBytes: exact?.weightBytes ?? sum((run) => run.bytes) + ends,
    layerBytes: model.layerBytes,
    ...(new Set(bytes).size === 1
      ? {}
      : { layerBytesRange: [smallest(bytes), largest(bytes)] as const }),
    embeddingBytes,
    headBytes,
    kvBytesPerTokenAndLayer: model.kvBytesPerToken,
    kvBytesPerToken: sum((run) => run.kvBytesPerToken),
    ...(windows.length === 0
      ? {}
      : {
          windowedKvBytesPerToken: windows.reduce(
            (total, run) => total + run.count * run.kvBytesPerToken,
            0,
          ),
          windows: [...new Set(windows.map((run) => run.kvWindow!))],
        }),
    ...(runs.some((run) => run.stateBytes > 0)
      ? { stateBytesPerSequence: sum((run) => run.stateBytes) }
      : {}),
    activationBytesPerToken: model.activationBytes,
  };
}

/** The figures as an aligned table, and what had to be assumed. */
export function summarizeModel(figures: ModelFigures, assumptions: readonly Assumption[]): string {
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
    figures.windows === undefined
      ? undefined
      : [
          "of it within a window",
          `${grouped(figures.windowedKvBytesPerToken!)} B for ${figures.windows.map(grouped).join(" or ")} tokens`,
        ],
    figures.stateBytesPerSequence === undefined
      ? undefined
      : ["state per sequence", `${grouped(figures.stateBytesPerSequence)} B`],
    ["activations per token", `${grouped(figures.activationBytesPerToken)} B`],
  ];
  const shown = rows.filter((row) => row !== undefined);
  const width = Math.max(...shown.map(([label]) => label.length));
  const lines = shown.map(([label, value]) => `${label.padEnd(width)}  ${value}`);
  return [...lines, ...assumptions.map(describeAssumption)].join("\n");
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
