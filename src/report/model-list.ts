import type { Model } from "../core/model.js";
import { GIGA } from "../core/units.js";
import { modelFigures } from "./model-summary.js";
import { formatTable } from "./table.js";
import type { TextStyle } from "./text-style.js";

/** Models and their sizes as an aligned table. */
export function describeModels(models: readonly Model[], style?: TextStyle): string {
  const billions = (count: number | undefined): string =>
    count === undefined
      ? ""
      : `${count < 999.5e9 ? (count / GIGA).toPrecision(3) : (count / GIGA).toFixed(0)} B`;
  const rows = models.map((model) => {
    const figures = modelFigures(model);
    return [
      figures.name,
      billions(figures.parameters),
      billions(figures.activeParameters),
      String(figures.layers),
      `${(figures.weightBytes / GIGA).toFixed(1)} GB`,
      `${(figures.kvBytesPerToken / 1000).toFixed(1)} kB`,
      figures.windows === undefined ? "" : `${figures.windows.join(", ")} tokens`,
      figures.stateBytesPerSequence === undefined
        ? ""
        : `${(figures.stateBytesPerSequence / 1e6).toFixed(1)} MB`,
    ];
  });
  return formatTable(
    [
      { title: "model", whole: true },
      { title: "parameters", align: "right" },
      { title: "active", align: "right" },
      { title: "layers", align: "right" },
      { title: "weights", align: "right" },
      { title: "KV per token", align: "right" },
      { title: "window", align: "right" },
      { title: "state", align: "right", extra: true },
    ],
    rows,
    style,
  );
}
