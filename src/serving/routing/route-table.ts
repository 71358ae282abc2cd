/** Open routes in flat arrays: the links of route r are links[r · stride + hop]. */
export interface RouteTable {
  open(promptTokens: number): number;
  close(id: number): void;
  push(id: number, link: number): void;
  /** Takes the last hop back. */
  pop(id: number): void;
  linkAt(id: number, hop: number): number;
  hopCount(id: number): number;
  promptTokens(id: number): number;
}

const FIRST_SIZE = 64;

/** An empty table for routes of at most `maxHops` hops. Ids are reused, last freed first. */
export function createRouteTable(maxHops: number): RouteTable {
  const stride = maxHops;
  let size = FIRST_SIZE;
  let links = new Int32Array(size * stride);
  let hops = new Int32Array(size);
  let prompts = new Float64Array(size);
  let free = new Int32Array(size);
  let freeCount = 0;
  let used = 0;

  function grow(): void {
    size *= 2;
    const grown = { links: new Int32Array(size * stride), hops: new Int32Array(size) };
    grown.links.set(links);
    grown.hops.set(hops);
    links = grown.links;
    hops = grown.hops;
    const morePrompts = new Float64Array(size);
    morePrompts.set(prompts);
    prompts = morePrompts;
    const moreFree = new Int32Array(size);
    moreFree.set(free);
    free = moreFree;
  }

  return {
    open(promptTokens) {
      let id = used;
      if (freeCount > 0) {
        freeCount -= 1;
        id = free[freeCount]!;
      } else {
        if (used === size) grow();
        used += 1;
      }
      hops[id] = 0;
      prompts[id] = promptTokens;
      return id;
    },
    close(id) {
      free[freeCount] = id;
      freeCount += 1;
    },
    push(id, link) {
      links[id * stride + hops[id]!] = link;
      hops[id]! += 1;
    },
    pop(id) {
      hops[id]! -= 1;
    },
    linkAt: (id, hop) => links[id * stride + hop]!,
    hopCount: (id) => hops[id]!,
    promptTokens: (id) => prompts[id]!,
  };
}
