/** A linear map from data to pixels with round tick values. */
export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

/** Linear scale over [low, high], widened to round numbers. */
export function linearScale(
  domain: readonly [low: number, high: number],
  range: readonly [from: number, to: number],
  tickCount: number = 5,
): Scale {
  const [low, high] = domain[0] === domain[1] ? [domain[0], domain[0] + 1] : domain;
  const step = roundStep((high - low) / tickCount);
  const first = Math.floor(low / step) * step;
  const count = Math.ceil((high - first) / step - 1e-9);
  const last = first + count * step;
  const map = (value: number): number =>
    range[0] + ((value - first) / (last - first)) * (range[1] - range[0]);
  const ticks = Array.from({ length: count + 1 }, (_, index) => tidy(first + index * step));
  return Object.assign(map, { ticks });
}

/** The nearest of 1, 2, 5 times a power of ten that is not smaller. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const rest = step / power;
  return power * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
}

/** Without the dust of decimal fractions: 0.30000000000000004 → 0.3. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
