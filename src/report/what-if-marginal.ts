import { printable } from "../core/printable.js";
import type { MarginalValue } from "../market/marginal-value.js";
import type { ScenarioResult } from "../market/scenario-result.js";
import { limitRateOf, noiseOfServed, unitOfWorth, worthOf } from "../market/worth-of.js";
import { columnsAsText, figures, type Column } from "./columns.js";
import { formatDollars, formatRate } from "./format-number.js";
import type { TextStyle } from "./text-style.js";

/** What is told of one more, or of one less, of something. */
export function marginalColumns(
  values: readonly MarginalValue[],
): readonly Column<MarginalValue>[] {
  const less = values.every(({ change }) => change === "less");
  const served = values.some((value) => value.served !== undefined);
  const limited = values.some((value) => rateOf(value) !== undefined);
  const flow = figures<MarginalValue>(
    served ? "flow" : "tokens/s",
    ({ throughput }) => throughput,
    formatRate,
  );
  const serves: Column<MarginalValue> = {
    title: "serves",
    text: (value) => (value.served === undefined ? "none" : formatRate(decodes(value))),
    value: decodes,
  };
  return [
    { title: less ? "one less" : "one more", text: ({ what }) => what },
    ...(limited ? [figures<MarginalValue>("limits hold to", rateOf, formatRate)] : []),
    served ? serves : flow,
    figures("gain", ({ gain }) => gain, signed),
    ...(served ? [figures<MarginalValue>("±", ({ noise }) => noise, formatRate)] : []),
    // Of what is served at any load, beside rates within limits.
    figures(
      limited ? "decode bound rises by" : "bound rises by",
      ({ boundGain }) => boundGain,
      signed,
    ),
    ...(served ? [{ ...flow, extra: true } as const] : []),
    figures("$/h", ({ costPerHour }) => costPerHour, formatDollars),
    figures("$/h per token/s", costOfGain, (dollars) => dollars.toFixed(4)),
  ];
}

function rateOf({ served }: MarginalValue): number | undefined {
  return limitRateOf(served);
}

function decodes({ served }: MarginalValue): number {
  return served?.decodeTokensPerSecond ?? 0;
}

/** Of one less: what is saved for each token/s lost. Nothing where the runs cannot tell the two plans apart. */
function costOfGain({ costPerHour, gain, noise }: MarginalValue): number | undefined {
  const size = Math.abs(gain);
  return costPerHour === undefined || size <= noise || size === 0 ? undefined : costPerHour / size;
}

/** Values of one more and of one less of everything, best first, and how far they can be trusted. */
export function tabulateMarginalValues(
  today: ScenarioResult,
  values: readonly MarginalValue[],
  style?: TextStyle,
): string {
  const tables = (["more", "less"] as const).flatMap((change) => {
    const own = values.filter((value) => value.change === change);
    return own.length === 0 ? [] : [columnsAsText(marginalColumns(own), own, style)];
  });
  const reasons = values.flatMap(({ what, change, reason }) =>
    reason === undefined ? [] : [`one ${change}, ${printable(what)}: ${printable(reason)}`],
  );
  return [...tables, [...reasons, describeToday(today)].join("\n")].join("\n\n");
}

/** What gains are against, and from where on they mean something. */
export function describeToday(today: ScenarioResult): string {
  const { served, throughput, upperBound = 0 } = today;
  if (served === undefined) {
    const open = upperBound - throughput;
    const note =
      open > 1e-6 * throughput
        ? ` Today's plan is up to ${formatRate(open)} tokens/s from its bound: smaller gains may be the search's, not the machine's.`
        : "";
    return `Gains are in tokens/s of flow, against today's ${formatRate(throughput)}.${note}`;
  }
  const { bound, decodeTokensPerSecond } = served;
  const limited = limitRateOf(served) !== undefined;
  const serves = limited
    ? `, which serves ${formatRate(decodeTokensPerSecond)} decode tokens/s`
    : "";
  const most =
    bound === undefined
      ? ""
      : `, of at most ${formatRate(bound)}${limited ? " served at any load" : ""}`;
  const cut =
    today.termination === "time-limit"
      ? " All rows share --time-limit, and it was up: with more of it gains may be far larger."
      : "";
  return `Gains are in ${unitOfWorth([today])}${limited ? "" : " at full load"} (simulated), against today's ${formatRate(worthOf(today))} ± ${formatRate(noiseOfServed(served))}${serves}${most}. Gains within ± may be the run's, and any may be the search's, not the machine's; a gain of nothing is today's plan as it is.${cut}`;
}

/** A difference: what rounds to nothing has no minus. */
function signed(value: number): string {
  const shown = Math.abs(value) < 0.05 ? 0 : value;
  return `${shown < 0 ? "−" : "+"}${formatRate(Math.abs(shown))}`;
}
