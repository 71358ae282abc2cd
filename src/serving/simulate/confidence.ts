/** Student's t: 95 % of its values lie within this of 0, by degrees of freedom from 1 on. */
const WITHIN_95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306];
/** Cosines that are looked at: as many as tell, and no fewer than give an interval of any use. */
const MOST_COSINES = WITHIN_95.length;
const LEAST_COSINES = 3;
/** Beyond these, by a series in 1/degrees that is right to a fifth of a percent. */
const NORMAL = 1.96;
const SERIES = [2.372, 2.82] as const;

/** Standard errors to either side of a figure that make its 95 % interval, by the degrees of freedom of what its error was told from. */
export function errorsWithin(degrees: number): number {
  const [first, second] = SERIES;
  return WITHIN_95[degrees - 1] ?? NORMAL + first / degrees + second / degrees ** 2;
}

/** Values in a half-wave of the shortest cosine, at least. */
const PER_HALF_WAVE = 2;
/** Stays of a request in a half-wave of the shortest cosine: within less, what is made now and what was made before are the same requests. */
const STAYS = 2;

/**
 * Half of the 95 % interval of a mean, from consecutive values of one run that are not independent. The slowest waves of the run say
 * how far means of runs as long lie apart: the squared sums of the values times the first few half-waves of a cosine, each of which is
 * one degree of freedom of Student's t (the equally weighted cosine estimator; Müller 2007, Lazarus, Lewis, Stock and Watson 2018).
 * Infinity for fewer values than tell.
 * @param stays of a request in the run. O(values).
 */
export function halfInterval(values: readonly number[], stays: number): number {
  const count = values.length;
  const room = Math.floor(count / PER_HALF_WAVE);
  if (room < LEAST_COSINES) return Infinity;
  const telling = Math.max(LEAST_COSINES, Math.floor(stays / STAYS));
  const cosines = Math.min(MOST_COSINES, room, telling);
  let power = 0;
  for (let wave = 1; wave <= cosines; wave += 1) {
    const turn = (Math.PI * wave) / count;
    const sum = values.reduce((total, value, at) => total + value * Math.cos(turn * (at + 0.5)), 0);
    power += (2 * sum ** 2) / count;
  }
  return errorsWithin(cosines) * Math.sqrt(power / cosines / count);
}

/** Samples of a run that make one span, of whose latencies a distribution is kept. */
export const SAMPLES_PER_SPAN = 5;

/** Half of the 95 % interval of the decode tokens/s of a run. How often the requests under way come and go in it says Little's law. */
export function decodeInterval({ samples, timeToFirstToken, meanInFlight }: RunSeen): number {
  const rates = samples.map(({ decodeTokensPerSecond }) => decodeTokensPerSecond);
  return halfInterval(rates, meanInFlight > 0 ? timeToFirstToken.count / meanInFlight : 0);
}

/** What is looked at of a run. */
interface RunSeen {
  readonly samples: readonly { readonly decodeTokensPerSecond: number }[];
  readonly timeToFirstToken: { readonly count: number };
  readonly meanInFlight: number;
}
