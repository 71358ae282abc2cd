import { expect, test } from "vitest";
import { resolveCluster } from "../../src/formats/resolve-cluster.js";
import { describeLooseCards } from "../../src/report/loose-cards.js";

function clusterOf(machine: object, count: number) {
  return resolveCluster("cards", {
    format: "helix-place/cluster@1",
    name: "cards",
    model: "llama-3-8b",
    machines: { box: machine },
    nodes: [{ id: "box", machine: "box", count }],
    network: { withinRegion: { bandwidth: "10 Gb/s" } },
  });
}

test("cards that no part has are named, machine by machine, and no others", () => {
  const three = { gpu: "A100-80GB", gpus: 3, tensorParallel: 2 };
  expect(describeLooseCards(clusterOf(three, 2))).toEqual([
    "  2 cards are in no part and do nothing: 2 of box-0; 2 of box-1",
  ]);
  expect(describeLooseCards(clusterOf(three, 6))[0]).toMatch(
    /^ {2}6 cards .* and 2 more machines$/,
  );
  const unlike = {
    cards: [
      { gpu: "A100-80GB", count: 3 },
      { gpu: "L4", count: 2 },
    ],
    tensorParallel: 2,
  };
  expect(describeLooseCards(clusterOf(unlike, 1))[0]).toBe(
    "  1 card is in no part and does nothing: 2 of box-0",
  );
  for (const tensorParallel of ["auto", 1, "whole"])
    expect(describeLooseCards(clusterOf({ gpu: "L4", gpus: 4, tensorParallel }, 2))).toEqual([]);
});
