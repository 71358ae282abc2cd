/**
 * Integer weights in proportion to `shares`, by largest remainder (ties: the earlier one), each at
 * least 1. They sum to `total` exactly. O(n log n).
 * @param shares at least one, all positive.
 * @param total at least `shares.length`.
 */
export function apportion(shares: readonly number[], total: number): readonly number[] {
  const sum = shares.reduce((whole, share) => whole + share, 0);
  const free = total - shares.length;
  const quotas = shares.map((share) => Math.max(0, (share / sum) * total - 1));
  const excess = quotas.reduce((whole, quota) => whole + quota, 0);
  const scaled = quotas.map((quota) => (excess === 0 ? 0 : (quota / excess) * free));
  const weights = scaled.map((quota) => 1 + Math.floor(quota));
  const order = scaled
    .map((quota, index) => ({ index, remainder: quota - Math.floor(quota) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  let left = total - weights.reduce((whole, weight) => whole + weight, 0);
  for (let turn = 0; left > 0; turn++, left--) weights[order[turn % order.length]!.index]! += 1;
  return weights;
}
