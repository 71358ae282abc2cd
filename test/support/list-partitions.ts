import type { Cluster } from "../../src/core/cluster.js";
import { boxesOf, type Partition } from "../../src/core/parting.js";

/** Every way to share out the cards of every machine, whatever stays unused. */
export function listPartitions(cluster: Cluster): readonly Partition[] {
  const rowsOf = (count: number, degrees: readonly number[]): number[][] => {
    const fitting = degrees.filter((degree) => degree <= count);
    const whole = fitting.flatMap((degree) =>
      rowsOf(
        count - degree,
        degrees.filter((each) => each <= degree),
      ).map((rest) => [degree, ...rest]),
    );
    return whole.length === 0 ? [[]] : whole;
  };
  let all: (readonly (readonly number[])[])[][] = [[]];
  for (const box of boxesOf(cluster)) {
    let own: (readonly number[])[][] = [[]];
    for (const row of box.kind === "node" ? [] : box.rows) {
      const ways = rowsOf(row.count, [...row.degrees.keys()]);
      own = own.flatMap((before) => ways.map((way) => [...before, way]));
    }
    all = all.flatMap((before) => own.map((rows) => [...before, rows]));
  }
  return all;
}
