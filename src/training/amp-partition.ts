/**
 * AMP's partition as published (Li et al. 2022, section 4 and the public code): a dynamic program
 * over (layers done, stages, largest stage to the right). The stored value leaves the border cost
 * out again, so border costs do not accumulate over stages; cuts are scanned ascending and replaced
 * only by a strictly better one. Kept with these properties, because comparison is its purpose.
 * O(k·L²·S) with S ≤ L(L+1)/2 distinct stage times.
 * @param layerSeconds e_l, length L.
 * @param borderSeconds `[layer][stage]`: seconds of the border behind that layer and stage.
 * @returns layers per stage, length k, or undefined when k > L.
 */
export function partitionLikeAmp(
  layerSeconds: readonly number[],
  borderSeconds: readonly (readonly number[])[],
  stages: number,
  microBatches: number,
): readonly number[] | undefined {
  const count = layerSeconds.length;
  if (stages > count) return undefined;
  const { values, indexOf } = stageTimes(layerSeconds);
  const size = values.length;
  const rounds = microBatches - 1;
  const lastCut = Array.from({ length: stages }, () => new Int16Array(count * size).fill(-1));
  let previous = new Float64Array(count * size).fill(Infinity);
  for (let layer = 0; layer < count; layer++) {
    const seconds = values[indexOf(0, layer)]!;
    for (let m = 0; m < size; m++) {
      previous[layer * size + m] = rounds * Math.max(0, seconds - values[m]!);
    }
  }
  for (let stage = 1; stage < stages; stage++) {
    const current = new Float64Array(count * size).fill(Infinity);
    const cuts = lastCut[stage]!;
    for (let layer = stage; layer < count; layer++) {
      for (let m = 0; m < size; m++) {
        let best = Infinity;
        for (let cut = stage - 1; cut < layer; cut++) {
          const own = indexOf(cut + 1, layer);
          const border = borderSeconds[cut]![stage - 1]!;
          let cost = previous[cut * size + Math.max(own, m)]!;
          cost += rounds * Math.max(0, values[own]! - values[m]!);
          cost += border;
          if (cost < best) {
            best = cost - border;
            cuts[layer * size + m] = cut;
          }
        }
        current[layer * size + m] = best;
      }
    }
    previous = current;
  }
  return traceCounts(lastCut, indexOf, count, size, stages);
}

/** Distinct contiguous sums with 0, ascending, and the position of each interval's sum among them. */
function stageTimes(layerSeconds: readonly number[]): {
  readonly values: Float64Array;
  readonly indexOf: (first: number, last: number) => number;
} {
  const count = layerSeconds.length;
  const sums = new Float64Array(count * count);
  const distinct = new Set<number>([0]);
  for (let first = 0; first < count; first++) {
    let sum = 0;
    for (let last = first; last < count; last++) {
      sum += layerSeconds[last]!;
      sums[first * count + last] = sum;
      distinct.add(sum);
    }
  }
  const values = Float64Array.from(distinct).sort();
  const position = new Map(Array.from(values, (value, index) => [value, index]));
  const indices = Int32Array.from(sums, (sum) => position.get(sum)!);
  return { values, indexOf: (first, last) => indices[first * count + last]! };
}

function traceCounts(
  lastCut: readonly Int16Array[],
  indexOf: (first: number, last: number) => number,
  count: number,
  size: number,
  stages: number,
): readonly number[] {
  const counts: number[] = [];
  let layer = count - 1;
  let m = 0;
  for (let stage = stages - 1; stage > 0; stage--) {
    const cut = lastCut[stage]![layer * size + m]!;
    counts.push(layer - cut);
    m = Math.max(m, indexOf(cut + 1, layer));
    layer = cut;
  }
  counts.push(layer + 1);
  return counts.reverse();
}
