type Vertex = { readonly at: readonly number[]; readonly value: number };

/** Least value of `objective` near `start` by the simplex of Nelder and Mead (1965). */
export function minimise(
  objective: (at: readonly number[]) => number,
  start: readonly number[],
  step: number,
  iterations: number,
): readonly number[] {
  const evaluate = (at: readonly number[]): Vertex => ({ at, value: objective(at) });
  let simplex = [start, ...start.map((_, axis) => shifted(start, axis, step))].map(evaluate);
  for (let iteration = 0; iteration < iterations; iteration++) {
    simplex = simplex.sort((a, b) => a.value - b.value);
    const best = simplex[0]!;
    const worst = simplex.at(-1)!;
    const rest = simplex.slice(0, -1);
    const centre = start.map((_, axis) => sum(rest.map(({ at }) => at[axis]!)) / rest.length);
    const along = (factor: number): Vertex =>
      evaluate(centre.map((value, axis) => value + factor * (worst.at[axis]! - value)));
    const reflected = along(-1);
    const tried = reflected.value < best.value ? better(along(-2), reflected) : reflected;
    if (tried.value < rest.at(-1)!.value) {
      simplex = [...rest, tried];
      continue;
    }
    const inside = along(0.5);
    simplex =
      inside.value < worst.value
        ? [...rest, inside]
        : simplex.map(({ at }) => evaluate(at.map((x, axis) => (x + best.at[axis]!) / 2)));
  }
  return simplex.reduce(better).at;
}

function better(a: Vertex, b: Vertex): Vertex {
  return a.value <= b.value ? a : b;
}

function shifted(at: readonly number[], axis: number, step: number): readonly number[] {
  return at.map((value, index) => (index === axis ? value + step : value));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
