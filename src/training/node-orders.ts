import type { TrainingCluster } from "./training-cluster.js";

/** The nodes as the job lists them. */
export function givenOrder(cluster: TrainingCluster): readonly number[] {
  return cluster.nodes.map((_, node) => node);
}

/** Nodes of each machine type, in the job's order. `[machine] → nodes`. */
export function nodesByMachine(cluster: TrainingCluster): readonly (readonly number[])[] {
  return cluster.machines.map((_, machine) =>
    cluster.nodes.flatMap((node, index) => (node.machine === machine ? [index] : [])),
  );
}

/** Orders that differ in machine types: n! / Π (nodes of a type)!. Infinity beyond 2^53 is fine. */
export function countTypeOrders(cluster: TrainingCluster): number {
  let orders = 1;
  let placed = 0;
  for (const nodes of nodesByMachine(cluster)) {
    for (let i = 1; i <= nodes.length; i++) orders = (orders * ++placed) / i;
  }
  return orders;
}

/**
 * Every order of the nodes that differs in machine types, nodes of one type kept in the job's order.
 * As many as `countTypeOrders` says: check before calling.
 */
export function listTypeOrders(cluster: TrainingCluster): readonly (readonly number[])[] {
  const byMachine = nodesByMachine(cluster);
  const orders: (readonly number[])[] = [];
  const used = byMachine.map(() => 0);
  const extend = (order: readonly number[]): void => {
    if (order.length === cluster.nodes.length) {
      orders.push(order);
      return;
    }
    byMachine.forEach((nodes, machine) => {
      const next = nodes[used[machine]!];
      if (next === undefined) return;
      used[machine]!++;
      extend([...order, next]);
      used[machine]!--;
    });
  };
  extend([]);
  return orders;
}
