import type { Chain } from "./chains.js";

/** Chains that a Gateway sees as one backend. */
export interface ChainGroup {
  /** The chain's own name where it is alone, else `group-1`, `group-2`, … */
  readonly name: string;
  readonly weight: number;
  readonly chains: readonly Chain[];
}

/** Most backends of a rule in the Gateway API. */
export const MOST_BACKENDS = 16;

/**
 * At most 16 groups of chains whose weights are close to each other, since requests are spread evenly
 * inside a group: neighbours by weight are joined, those first whose shares move least. O(chains²).
 * @param chains strongest first.
 */
export function groupChains(chains: readonly Chain[]): readonly ChainGroup[] {
  const groups: Chain[][] = chains.map((chain) => [chain]);
  while (groups.length > MOST_BACKENDS) {
    let best = 0;
    for (let at = 1; at + 1 < groups.length; at += 1) {
      if (
        moved([...groups[at]!, ...groups[at + 1]!]) <
        moved([...groups[best]!, ...groups[best + 1]!])
      )
        best = at;
    }
    groups.splice(best, 2, [...groups[best]!, ...groups[best + 1]!]);
  }
  const alone = groups.length === chains.length;
  return groups.map((members, index) => ({
    name: alone ? members[0]!.name : `group-${index + 1}`,
    weight: members.reduce((sum, { weight }) => sum + weight, 0),
    chains: members,
  }));
}

/** Weight that goes to another chain than planned when the members get equal shares. */
function moved(members: readonly Chain[]): number {
  const mean = members.reduce((sum, { weight }) => sum + weight, 0) / members.length;
  return members.reduce((sum, { weight }) => sum + Math.abs(weight - mean), 0) / 2;
}

/** Share of all requests that grouping sends to another chain than planned. */
export function sharesMoved(groups: readonly ChainGroup[]): number {
  const total = groups.reduce((sum, { weight }) => sum + weight, 0);
  return groups.reduce((sum, { chains }) => sum + moved(chains), 0) / total;
}
