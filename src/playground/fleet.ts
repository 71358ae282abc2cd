import { applyChanges } from "../market/apply-changes.js";
import type { Change } from "../market/change.js";
import type { ClusterFile, MachineEntry } from "../formats/cluster-schema.js";

/** Machines of one type in one place, as a card of the page. */
export interface FleetCard {
  readonly machine: string;
  /** Absent: wherever machines of that type are. */
  readonly region?: string;
  readonly count: number;
  readonly entry: MachineEntry;
}

/** The fleet of a cluster file by type and region; types without machines, too. O(nodes). */
export function listFleet({ nodes, machines }: ClusterFile): readonly FleetCard[] {
  return Object.entries(machines).flatMap(([machine, entry]) => {
    const own = nodes.filter((node) => node.machine === machine);
    const scattered = own.length === 0 || own.some(({ region }) => region === undefined);
    const regions = scattered ? [undefined] : [...new Set(own.map(({ region }) => region))];
    return regions.map((region) => {
      const here = own.filter((node) => scattered || node.region === region);
      const count = here.reduce((sum, node) => sum + (node.count ?? 1), 0);
      return { machine, count, entry, ...(region === undefined ? {} : { region }) };
    });
  });
}

/** The file with so many machines on that card. */
export function setCount(
  file: ClusterFile,
  { machine, region }: Pick<FleetCard, "machine" | "region">,
  count: number,
): ClusterFile {
  const place = region === undefined ? {} : { region };
  return change(file, { kind: "set", machine, count, ...place });
}

/** The file with one more card: machines of catalogue cards, `gpus` in each. */
export function addCard(
  file: ClusterFile,
  gpu: string,
  gpus: number,
  region?: string,
): ClusterFile {
  const machine = gpus === 1 ? gpu : `${gpus}x${gpu}`;
  const entry: MachineEntry = { gpu, ...(gpus === 1 ? {} : { gpus }) };
  const machines = { [machine]: entry, ...file.machines };
  const place = region === undefined || region === "" ? {} : { region };
  return change({ ...file, machines }, { kind: "add", machine, count: 1, ...place });
}

/** The file without that card; the type itself goes with its last machines. */
export function removeCard(file: ClusterFile, card: FleetCard): ClusterFile {
  const without = setCount(file, card, 0);
  if (without.nodes.some(({ machine }) => machine === card.machine)) return without;
  const { [card.machine]: _, ...machines } = without.machines;
  return { ...without, machines };
}

/** The file with a price for that type, $/h; undefined takes it away. */
export function setPrice(
  file: ClusterFile,
  machine: string,
  dollarsPerHour: number | undefined,
): ClusterFile {
  const { pricePerHour: _, ...entry } = file.machines[machine]!;
  const priced = dollarsPerHour === undefined ? entry : { ...entry, pricePerHour: dollarsPerHour };
  // A price of its own that machines of the type have somewhere would hide this one.
  const nodes = file.nodes.map((node) => {
    if (node.machine !== machine) return node;
    const { pricePerHour: __, ...rest } = node;
    return rest;
  });
  return { ...file, machines: { ...file.machines, [machine]: priced }, nodes };
}

/** What is in a machine, in a few words. */
export function describeMachine({ gpu, gpus = 1, memory, profile }: MachineEntry): string {
  const cards = gpu === undefined ? undefined : gpus === 1 ? gpu : `${gpus} × ${gpu}`;
  const rates = profile?.tokensPerSecond === undefined ? undefined : "rates given in the file";
  const curves = profile?.decodeSeconds === undefined ? undefined : "measured timing";
  const room = memory === undefined ? undefined : `${memory} of memory`;
  const words = [cards, room, curves ?? rates].filter((word) => word !== undefined);
  return words.join(", ");
}

function change(file: ClusterFile, one: Change): ClusterFile {
  return applyChanges(file, { name: "edit", changes: [one] });
}

/** What the second fleet has more or less than the first, in words; undefined where they are alike. O(nodes). */
export function describeFleetChange(before: ClusterFile, after: ClusterFile): string | undefined {
  const nameOf = ({ machine, region }: FleetCard): string =>
    region === undefined ? machine : `${machine} in ${region}`;
  const counts = (file: ClusterFile): ReadonlyMap<string, number> =>
    new Map(listFleet(file).map((card) => [nameOf(card), card.count]));
  const [old, now] = [counts(before), counts(after)];
  const changes = [...new Set([...now.keys(), ...old.keys()])].flatMap((name) => {
    const more = (now.get(name) ?? 0) - (old.get(name) ?? 0);
    return more === 0 ? [] : [`${Math.abs(more)} ${more > 0 ? "more" : "fewer"} ${name}`];
  });
  return changes.length === 0 ? undefined : changes.join(", ");
}
