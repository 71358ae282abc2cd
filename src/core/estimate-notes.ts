import type { Cluster } from "./cluster.js";
import type { Assumption } from "./model.js";

/** What the model and the cluster file leave open, and what was taken. */
export function listAssumptions({ model, assumptions = [] }: Cluster): readonly Assumption[] {
  return [...(model.assumptions ?? []), ...assumptions];
}

/** The cluster without what is assumed of machine types none of which has work: all their nodes stay empty, by these ids. */
export function withoutDrained(cluster: Cluster, drained: readonly string[]): Cluster {
  const { assumptions, machines, nodes, hosts = [] } = cluster;
  if (assumptions === undefined || drained.length === 0) return cluster;
  const empty = new Set(drained);
  const free = new Set<string>();
  const all = new Set<string>();
  for (const { id, machine, part } of nodes) {
    // Parts are types of their own; what is assumed is said of the machine.
    const name = machines[machine]!.name.replace(/\/tp\d+$/, "");
    all.add(name);
    const host = part && hosts[part.host]!.id;
    if (!empty.has(id) && !(host !== undefined && empty.has(host))) free.add(name);
  }
  const idle = new Set(
    [...all]
      .filter((name) => !free.has(name))
      .flatMap((name) => [`machines.${name}`, `machines[${JSON.stringify(name)}]`]),
  );
  return { ...cluster, assumptions: assumptions.filter(({ where }) => !idle.has(where)) };
}

/** What is said of every estimated machine type. */
export const ESTIMATED = "capacity estimated, not measured";

/** Machine types in use whose capacity is estimated, each once, with how far off such estimates have been. */
export function estimateNotes(cluster: Cluster): readonly Assumption[] {
  const used = new Set(cluster.nodes.map(({ machine }) => machine));
  const noted = new Set<string>();
  return cluster.machines.flatMap(({ name, capacity }, index) => {
    // Alike cards of a machine that do not stand side by side are types of one name.
    if (capacity.source !== "estimated" || !used.has(index) || noted.has(name)) return [];
    noted.add(name);
    return [
      {
        what: ESTIMATED,
        where: `machines.${name}`,
        effect: describeError(capacity.error),
      },
    ];
  });
}

/** What the figures of this cluster rest on beside its file: assumptions, estimates. */
export function caveatsOf(cluster: Cluster): readonly Assumption[] {
  return [...listAssumptions(cluster), ...estimateNotes(cluster)];
}

/** Notes on estimated machine types in one line, or nothing where there are none. */
export function summarizeNotes(notes: readonly Assumption[]): string | undefined {
  if (notes.length === 0) return undefined;
  const machines = notes.map(
    ({ where, effect }) => `${where.slice("machines.".length)} (${effect})`,
  );
  return `estimated, not measured: capacities of ${machines.join(", ")}`;
}

/** A result for programs with what it rests on beside the files. */
export function withEstimateNotes<T extends object>(
  cluster: Cluster,
  result: T,
): T & { readonly assumptions?: readonly Assumption[] } {
  const assumptions = caveatsOf(cluster);
  return assumptions.length === 0 ? result : { ...result, assumptions };
}

function describeError(error: Cluster["machines"][number]["capacity"]["error"]): string {
  if (error === undefined) return "error unknown";
  const percent = (share: number): string => `± ${Math.round(100 * share)} %`;
  return `${percent(error.prompt)} for prompts, ${percent(error.decode)} for decode: ${error.basis}`;
}
