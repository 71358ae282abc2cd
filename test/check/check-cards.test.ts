import { expect, test } from "vitest";
import { checkPlacement } from "../../src/check/check-placement.js";
import { createRandom } from "../../src/core/random.js";
import { partedAs } from "../../src/formats/parted-as.js";
import { readPlacementFile } from "../../src/formats/read-placement.js";
import type { PlacementFile } from "../../src/formats/placement-schema.js";
import type { Cluster } from "../../src/core/cluster.js";
import { describePlacement } from "../../src/planner/result/placement-file.js";
import { measureThroughput } from "../../src/planner/problem/measure-throughput.js";
import { partAnyhow } from "../support/part-anyhow.js";
import { randomParted } from "../support/random-parted.js";
import { randomPlacement } from "../support/random-problem.js";

/** A placement file of a random cluster of parted machines, and the cluster as it was before. */
function draw(seed: number): { whole: Cluster; file: PlacementFile } | undefined {
  const random = createRandom(seed);
  const whole = randomParted(seed, { nodes: [2, 4], layers: [2, 4], thin: 0.5 });
  const problem = partAnyhow(whole, random);
  const placement = randomPlacement(problem, random);
  if (measureThroughput(problem, placement) === 0) return undefined;
  const file = describePlacement(problem.cluster, placement, {
    clusterSha256: "",
    objective: "flow",
    problem,
    upperBound: Infinity,
    boundName: "none",
    gapAsked: 1,
    termination: "gap",
    solve: { seconds: 0, seed, strategies: [], versions: {} },
  });
  const finite = { ...file, upperBound: file.throughput, gap: 0 };
  return { whole: whole.cluster, file: finite };
}

type Entry = PlacementFile["nodes"][number];

/** The file with its first part of which that can be said changed; undefined where there is none. */
function change(
  file: PlacementFile,
  suits: (entry: Entry, file: PlacementFile) => boolean,
  edit: (entry: Entry, file: PlacementFile) => Partial<Entry>,
): PlacementFile | undefined {
  const at = file.nodes.findIndex((entry) => entry.cards !== undefined && suits(entry, file));
  if (at < 0) return undefined;
  const nodes = file.nodes.map((entry, index) =>
    index === at ? { ...entry, ...edit(entry, file) } : entry,
  );
  return { ...file, nodes };
}

type Box = NonNullable<Cluster["parting"]>["boxes"][number];
type Row = Extract<Box, { kind: "host" }>["rows"][number];

/** The file with the cards of a part changed to others of its machine; undefined where no machine lets that be. */
function recard(
  file: PlacementFile,
  { parting }: Cluster,
  choose: (rows: readonly Row[]) => readonly number[] | undefined,
): PlacementFile | undefined {
  for (const box of parting?.boxes ?? []) {
    const cards = box.kind === "host" ? choose(box.rows) : undefined;
    if (box.kind === "node" || cards === undefined) continue;
    const suits = (entry: Entry): boolean => entry.machine === box.host.id;
    const changed = change(file, suits, () => ({ cards: [...cards] }));
    if (changed !== undefined) return changed;
  }
  return undefined;
}

function isLarge({ degrees, count }: Row): boolean {
  return degrees.has(2) && count > 2;
}

type Plant = (file: PlacementFile, whole: Cluster) => PlacementFile | undefined;

const PLANTED: Readonly<Record<string, Plant>> = {
  "is in": (file) => {
    const entry = file.nodes.find(({ cards, layers }) => cards !== undefined && layers === null);
    return entry && { ...file, nodes: [...file.nodes, entry] };
  },
  "cards, and none is number": (file) =>
    change(
      file,
      () => true,
      ({ cards }) => ({ cards: cards!.map((card) => card + 60) }),
    ),
  "not next to each other": (file) =>
    change(
      file,
      ({ cards }) => cards!.length > 1,
      ({ cards }) => ({ cards: cards!.toReversed() }),
    ),
  "is not what cards": (file) =>
    change(
      file,
      () => true,
      ({ id }) => ({ id: `${id}x` }),
    ),
  "no machine": (file) =>
    change(
      file,
      () => true,
      () => ({ machine: "elsewhere" }),
    ),
  "names no cards": (file) =>
    change(
      file,
      () => true,
      () => ({ cards: undefined }),
    ),
  "are of unlike kinds": (file, whole) =>
    recard(file, whole, ([, second]) => second && [second.first - 1, second.first]),
  "cards may not work as one here": (file, whole) =>
    recard(file, whole, (rows) => {
      const row = rows.find(({ count, degrees }) => !degrees.has(count));
      return row && Array.from({ length: row.count }, (_, card) => row.first + card);
    }),
  // A part that is legal by itself and has a card in common with another.
  " already": (file, { parting }) => {
    for (const box of parting?.boxes ?? []) {
      const row = box.kind === "host" ? box.rows.find(isLarge) : undefined;
      if (box.kind === "node" || row === undefined) continue;
      const { id: machine } = box.host;
      const cards = [row.first + 1, row.first + 2];
      const id = `${machine}/${cards.join("-")}`;
      const empty = file.nodes.find(({ layers }) => layers === null);
      const there = file.nodes.filter((entry) => entry.machine === machine);
      if (empty === undefined || there.some((entry) => entry.id === id)) continue;
      if (!there.some((entry) => cards.some((card) => entry.cards!.includes(card)))) continue;
      return { ...file, nodes: [...file.nodes, { ...empty, id, machine, cards }] };
    }
    return undefined;
  },
  // Another part than the one that the rest of the file speaks of.
  "": (file) =>
    change(
      file,
      ({ cards }) => cards!.length === 3,
      ({ cards, machine }) => ({
        cards: cards!.slice(1),
        id: `${machine}/${cards![1]}-${cards![2]}`,
      }),
    ),
};

test("cards of a placement hold, and every kind of planted error is found", () => {
  const found = new Map<string, number>();
  for (let seed = 0; seed < 100; seed++) {
    const drawn = draw(seed);
    if (drawn === undefined) continue;
    const { whole, file } = drawn;
    const own = checkPlacement(whole, readPlacementFile("file", JSON.stringify(file)));
    expect(
      own,
      JSON.stringify([seed, own.length > 0 ? [file.links, file.routing, file.nodes] : 0]),
    ).toEqual([]);
    const parted = partedAs("file", whole, file);
    expect(parted.nodes.map(({ id }) => id)).toEqual(file.nodes.map(({ id }) => id));
    for (const [message, plant] of Object.entries(PLANTED)) {
      const broken = plant(file, whole);
      if (broken === undefined) continue;
      const failures = checkPlacement(whole, broken).map((failure) => failure.message);
      expect(
        failures.some((text) => text.includes(message)),
        `${message}: ${failures.join()}`,
      ).toBe(true);
      found.set(message, (found.get(message) ?? 0) + 1);
    }
  }
  for (const message of Object.keys(PLANTED))
    expect(found.get(message), message).toBeGreaterThan(1);
});

test("what goes through the NIC of a machine is counted over all its parts", () => {
  let refused = 0;
  for (let seed = 0; seed < 100; seed++) {
    const drawn = draw(seed);
    if (drawn === undefined) continue;
    const { whole, file } = drawn;
    const boxes = whole.parting!.boxes.map((box) =>
      box.kind === "node"
        ? box
        : { ...box, host: { ...box.host, nicBytesPerSecond: file.throughput } },
    );
    const thin = { ...whole, parting: { ...whole.parting!, boxes } };
    const messages = checkPlacement(thin, file).map(({ message }) => message);
    if (messages.some((text) => text.includes("through a NIC of"))) refused += 1;
  }
  expect(refused).toBeGreaterThan(20);
});
