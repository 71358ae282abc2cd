import { describe, expect, it } from "vitest";
import { InputError } from "../../src/core/errors.js";
import { loadCluster } from "../../src/formats/load-cluster.js";

function load(machine: object): ReturnType<typeof loadCluster>["cluster"] {
  const file = {
    format: "helix-place/cluster@1",
    name: "memory",
    model: "llama-3-8b",
    machines: { a: machine },
    nodes: [{ id: "a", machine: "a" }],
    network: { withinRegion: { bandwidth: "10 Gb/s" } },
  };
  return loadCluster("memory.json", JSON.stringify(file)).cluster;
}

function said(machine: object): readonly string[] {
  return (load(machine).assumptions ?? []).flatMap(({ what, where }) =>
    where.endsWith("emory") ? [what] : [],
  );
}

function problems(machine: object): readonly string[] {
  try {
    load(machine);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).problems.map(({ path, found }) => `${path} ${found}`);
  }
  return [];
}

describe("memory that cards do not have", () => {
  it("no more is free of a card than it has, in any unit that drivers report", () => {
    expect(problems({ gpu: "L4", gpus: 2, freeMemory: "48 GB" })).toEqual([
      'machines.a.freeMemory "48 GB"',
    ]);
    const cards = [{ gpu: "A100-80GB" }, { gpu: "L4", count: 2, freeMemory: "30 GiB" }];
    expect(problems({ cards })).toEqual(['machines.a.cards[1].freeMemory "30 GiB"']);
    expect(problems({ gpu: "L4", freeMemory: "24 GiB" })).toEqual([]);
    expect(problems({ gpu: "RTX-4090", memory: "48 GB", freeMemory: "40 GB" })).toEqual([]);
  });

  it("more than the catalogue knows is planned with and said", () => {
    expect(said({ gpu: "L4", memory: "100 GB" })).toEqual([
      "machines.a.memory makes 100 GB of each L4, which has 24 GB",
    ]);
    expect(said({ cards: [{ gpu: "RTX-4090", count: 2, memory: "48 GB" }] })).toEqual([
      "machines.a.cards[0].memory makes 48 GB of each RTX-4090, which has 24 GB",
    ]);
    expect(said({ gpu: "L4", memory: "24 GiB" })).toEqual([]);
  });

  it("what one card has, said of several, is said to be of all of them", () => {
    expect(said({ gpu: "L4", gpus: 4, memory: "24 GB" })).toEqual([
      "machines.a.memory makes 6 GB of each L4, which has 24 GB",
    ]);
    expect(said({ gpu: "L4", gpus: 4, memory: "80 GB" })).toEqual([]);
    expect(said({ cards: [{ gpu: "L4", count: 4, memory: "24 GB" }] })).toEqual([]);
  });
});

it("a name that leaves open which card is meant is answered with those", () => {
  expect(problems({ gpu: "RTX 4060 Ti" })).toEqual(['machines.a.gpu "RTX 4060 Ti"']);
  try {
    load({ gpu: "RTX 4060 Ti" });
  } catch (error) {
    expect((error as InputError).problems[0]!.remedy).toBe(
      'The name leaves open which: "RTX-4060-Ti-8GB" or "RTX-4060-Ti-16GB".',
    );
  }
});
