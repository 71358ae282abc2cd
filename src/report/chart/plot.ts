// The chart library, and nothing else: the build puts what is named here into one file, so that
// nobody installs it and its forty packages (scripts/build-charts.mjs, decision 191).
export {
  axisX,
  axisY,
  dot,
  gridX,
  gridY,
  line,
  link,
  plot,
  rect,
  text,
  type Markish,
  type PlotOptions,
} from "@observablehq/plot";
