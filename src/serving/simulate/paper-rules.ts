import { HELIX } from "../../engines/helix/helix.js";
import type { SimulationInput } from "./simulation-input.js";

/** Which rules of the Helix paper hold. */
export interface PaperRulesAsked {
  /**
   * Helix scheduler: links with less than this share of their tail's out-flow carry nothing. Default 0, and
   * the paper's where the engine Helix is asked for by name.
   */
  readonly leastFlowShare?: number;
  /**
   * Refuse prompts longer than a batch of places of so many tokens. Default no such rule, and the paper's
   * where the engine Helix is asked for by name.
   */
  readonly promptSlotTokens?: number;
}

/** Rules of the Helix paper that hold where they are given, or the engine Helix is named. */
export function paperRules(
  { leastFlowShare, promptSlotTokens }: PaperRulesAsked,
  named: boolean,
): Pick<SimulationInput, "leastFlowShare" | "promptSlotTokens"> {
  const slot = promptSlotTokens ?? (named ? HELIX.promptSlotTokens : undefined);
  return {
    leastFlowShare: leastFlowShare ?? (named ? HELIX.leastFlowShare : 0),
    ...(slot === undefined ? {} : { promptSlotTokens: slot }),
  };
}
