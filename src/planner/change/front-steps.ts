import { ROUNDING } from "./cover-model.js";
import type { FrontChoice, FrontSpace } from "./front-space.js";

/** The nodes at work behind a border. What they pass is of the floor. */
export interface Front {
  readonly ends: readonly number[];
  readonly regions: readonly number[];
  readonly shares: readonly number[];
  /** The most that has come to each of them. */
  readonly flows: readonly number[];
  readonly key: string;
}

export const EMPTY_FRONT: Front = { ends: [], regions: [], shares: [], flows: [], key: "" };

/** Some of the nodes of a front. */
interface Nodes {
  readonly regions: readonly number[];
  /** What each could take more. */
  readonly room: readonly number[];
  readonly flows: readonly number[];
}

/** A border: those that end there, and those that go on. */
export interface Border {
  readonly at: number;
  readonly ending: Nodes;
  readonly goingOn: Front;
  /** What goes on has, together. */
  readonly has: number;
}

const ENOUGH = 1 - ROUNDING;
/** Where more nodes end, those of a region are on one side of a cut. */
const MOST_CUT = 8;
/** To what flows are rounded up where they tell fronts apart. */
const GRAIN = 1e-4;

export function splitAt(front: Front, at: number): Border {
  const [ended, left]: [number[], number[]] = [[], []];
  front.ends.forEach((end, node) => (end === at ? ended : left).push(node));
  const of = <T>(list: readonly T[], nodes: readonly number[]): T[] =>
    nodes.map((node) => list[node]!);
  const goingOn = {
    ends: of(front.ends, left),
    regions: of(front.regions, left),
    shares: of(front.shares, left),
    flows: of(front.flows, left),
    key: "",
  };
  return {
    at,
    ending: {
      regions: of(front.regions, ended),
      flows: of(front.flows, ended),
      room: ended.map(() => 0),
    },
    goingOn,
    has: goingOn.flows.reduce((sum, flow) => sum + flow, 0),
  };
}

/**
 * Whether the floor may pass a border: what goes on keeps what it has, and what ends there hands all it has over the links to those
 * that begin and to what the others have room for. By the least cut, of all that end on either side of it.
 */
export function passes(
  { at, ending, goingOn, has }: Border,
  begun: readonly FrontChoice[],
  { links }: FrontSpace,
): boolean {
  if (at === 0) return begun.reduce((sum, { share }) => sum + share, 0) >= ENOUGH;
  const few = ending.regions.length <= MOST_CUT;
  const crosses = (node: number, cut: number): boolean =>
    (cut & (1 << (few ? node : ending.regions[node]!))) > 0;
  const takes = (region: number, room: number, cut: number): number => {
    let comes = 0;
    for (let node = 0; node < ending.regions.length; node++)
      if (crosses(node, cut)) comes += links[ending.regions[node]!]![region]!;
    return Math.min(room, comes);
  };
  for (let cut = 0; cut < 1 << (few ? ending.regions.length : links.length); cut++) {
    let most = has;
    for (let node = 0; node < ending.regions.length; node++)
      if (!crosses(node, cut)) most += ending.flows[node]!;
    for (let node = 0; node < goingOn.ends.length; node++)
      most += takes(goingOn.regions[node]!, goingOn.shares[node]! - goingOn.flows[node]!, cut);
    for (const { region, share } of begun) most += takes(region, share, cut);
    if (most < ENOUGH) return false;
  }
  return true;
}

/** Who is at work behind a border where some begin. */
export function beginAt(
  { at, ending, goingOn }: Border,
  begun: readonly FrontChoice[],
  { links }: FrontSpace,
): Front {
  const comes = (region: number): number =>
    at === 0
      ? 1
      : ending.flows.reduce(
          (sum, flow, node) => sum + Math.min(flow, links[ending.regions[node]!]![region]!),
          0,
        );
  const roundUp = (flow: number, share: number): number =>
    Math.min(share, Math.ceil(flow / GRAIN - 1e-6) * GRAIN);
  const nodes = [
    ...goingOn.ends.map((end, node) => {
      const [region, share] = [goingOn.regions[node]!, goingOn.shares[node]!];
      return { end, region, share, flow: roundUp(goingOn.flows[node]! + comes(region), share) };
    }),
    ...begun.map(({ end, region, share }) => ({
      end,
      region,
      share,
      flow: roundUp(comes(region), share),
    })),
  ].sort((a, b) => a.end - b.end || a.region - b.region || a.share - b.share || a.flow - b.flow);
  return {
    ends: nodes.map(({ end }) => end),
    regions: nodes.map(({ region }) => region),
    shares: nodes.map(({ share }) => share),
    flows: nodes.map(({ flow }) => flow),
    key: nodes.map(({ end, region, share, flow }) => `${end} ${region} ${share} ${flow}`).join(),
  };
}
