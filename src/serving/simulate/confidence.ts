/** Of consecutive samples. */
const BATCH_MEANS = 10;

/** Two standard errors of the mean, from batch means of consecutive samples. */
export function confidence(rates: readonly number[]): number {
  const size = Math.floor(rates.length / BATCH_MEANS);
  if (size === 0) return Infinity;
  const means = Array.from({ length: BATCH_MEANS }, (_, batch) => {
    const part = rates.slice(batch * size, (batch + 1) * size);
    return part.reduce((sum, rate) => sum + rate, 0) / size;
  });
  const mean = means.reduce((sum, value) => sum + value, 0) / BATCH_MEANS;
  const variance = means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (BATCH_MEANS - 1);
  return 2 * Math.sqrt(variance / BATCH_MEANS);
}
