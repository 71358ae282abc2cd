import type { ClusterFile } from "../formats/cluster-schema.js";
import type { PriceList } from "../formats/price-list-schema.js";

/** What the page offers by itself: files of the folder `clusters`, put into it when it was built. */
export interface Examples {
  readonly clusters: readonly ClusterFile[];
  readonly prices: PriceList;
}

export function readExamples(page: Document): Examples {
  return JSON.parse(page.getElementById("examples")!.textContent) as Examples;
}
