/** A concave gain over a flow, as a polyline from (0, 0): `x` rises, and so do the slopes fall. */
export interface GainCurve {
  readonly x: Float64Array;
  readonly slope: Float64Array;
}

/**
 * The greatest gain of a circulation in a small graph whose vertices are numbered. Arcs have
 * capacities and no gain, but for at most one arc out of every vertex with a concave gain.
 */
export interface WorkCirculation {
  clear(): void;
  setArc(from: number, to: number, capacity: number): void;
  setGain(from: number, to: number, curve: GainCurve): void;
  /**
   * An upper bound on the gain of every circulation: that of the prices it ends with, by weak duality, so
   * it holds whatever happened on the way, and is the maximum if all went well.
   * @param prices of the vertices to start from, changed; the better the sooner it ends.
   */
  bound(prices: Float64Array): number;
}

/** A bound is valid after any number; this many are never seen. */
const MOST_AUGMENTATIONS = 400;

/**
 * Successive shortest paths (Jewell 1958, Busacker and Gowen 1961) from the flow that the prices ask for; the
 * nearer they are to the right ones, the less is out of balance. O(vertices²) per path.
 */
export function createWorkCirculation(vertices: number): WorkCirculation {
  const V = vertices;
  const capacity = new Float64Array(V * V);
  const flow = new Float64Array(V * V);
  const headOf = new Int32Array(V).fill(-1);
  const tailOf = new Int32Array(V).fill(-1);
  const curves: (GainCurve | undefined)[] = Array.from({ length: V });
  /** Flow on the gain arc out of a vertex and the segment its next unit falls into. */
  const used = new Float64Array(V);
  const at = new Int32Array(V);
  const excess = new Float64Array(V);
  const distance = new Float64Array(V);
  const before = new Int32Array(V);
  const settled = new Uint8Array(V);
  /** Neighbours by arcs either way: `neighbours[u * V … u * V + degree[u])`. */
  const neighbours = new Int32Array(V * V);
  const degree = new Int32Array(V);
  const join = (u: number, v: number): void => {
    neighbours[u * V + degree[u]!++] = v;
    neighbours[v * V + degree[v]!++] = u;
  };

  /** The segment that the last unit of the gain arc fell into. */
  const lastSegment = (u: number): number =>
    at[u]! > 0 && used[u]! <= curves[u]!.x[at[u]!]! ? at[u]! - 1 : at[u]!;

  /** Flows that the prices ask for; what they leave at every vertex is its excess. */
  const start = (prices: Float64Array): void => {
    excess.fill(0);
    for (let u = 0; u < V; u++)
      for (let n = 0; n < degree[u]!; n++) {
        const v = neighbours[u * V + n]!;
        const arc = u * V + v;
        const full = capacity[arc]!;
        if (full === 0) continue;
        const wanted = prices[u]! < prices[v]! ? full : 0;
        flow[arc] = wanted;
        excess[u]! -= wanted;
        excess[v]! += wanted;
      }
    for (let u = 0; u < V; u++) {
      const curve = curves[u];
      if (curve === undefined) continue;
      const v = headOf[u]!;
      const price = prices[u]! - prices[v]!;
      let segment = 0;
      while (segment < curve.slope.length && curve.slope[segment]! > price) segment++;
      at[u] = segment;
      used[u] = curve.x[segment]!;
      excess[u]! -= used[u]!;
      excess[v]! += used[u]!;
    }
  };

  const room = (u: number, v: number): number => {
    let free = capacity[u * V + v]! - flow[u * V + v]! + flow[v * V + u]!;
    if (headOf[u] === v) {
      const curve = curves[u]!;
      if (at[u]! < curve.slope.length) free = curve.x[at[u]! + 1]! - used[u]!;
      else free = 0;
    } else if (tailOf[u] === v) {
      const segment = lastSegment(v);
      free = segment < curves[v]!.slope.length ? used[v]! - curves[v]!.x[segment]! : 0;
    }
    return free;
  };

  /** Of an arc with a gain, one way or the other. */
  const cost = (u: number, v: number): number => {
    if (headOf[u] === v) {
      const { slope } = curves[u]!;
      return at[u]! < slope.length ? -slope[at[u]!]! : Infinity;
    }
    return curves[v]!.slope[lastSegment(v)]!;
  };

  const push = (u: number, v: number, amount: number): void => {
    if (headOf[u] === v) {
      const { x } = curves[u]!;
      const end = x[at[u]! + 1]!;
      if (amount >= end - used[u]!) {
        used[u] = end;
        at[u]! += 1;
      } else used[u]! += amount;
      return;
    }
    if (tailOf[u] === v) {
      const segment = lastSegment(v);
      const begin = curves[v]!.x[segment]!;
      used[v] = amount >= used[v]! - begin ? begin : used[v]! - amount;
      at[v] = segment;
      return;
    }
    const back = Math.min(amount, flow[v * V + u]!);
    flow[v * V + u]! -= back;
    flow[u * V + v]! += amount - back;
  };

  /** Cheapest way from any excess to the nearest deficit; −1 when there is none. */
  const findPath = (prices: Float64Array, least: number): number => {
    distance.fill(Infinity);
    settled.fill(0);
    let any = false;
    for (let v = 0; v < V; v++)
      if (excess[v]! > least) {
        distance[v] = 0;
        before[v] = -1;
        any = true;
      }
    if (!any) return -1;
    for (;;) {
      let u = -1;
      let nearest = Infinity;
      for (let v = 0; v < V; v++)
        if (settled[v] === 0 && distance[v]! < nearest) {
          nearest = distance[v]!;
          u = v;
        }
      if (u < 0) return -1;
      settled[u] = 1;
      if (excess[u]! < -least) return u;
      for (let n = 0; n < degree[u]!; n++) {
        const v = neighbours[u * V + n]!;
        if (settled[v] === 1) continue;
        let way = nearest + prices[u]! - prices[v]!;
        if (headOf[u] === v || tailOf[u] === v) way += cost(u, v);
        if (way < nearest) way = nearest;
        if (way < distance[v]! && room(u, v) > least) {
          distance[v] = way;
          before[v] = u;
        }
      }
    }
  };

  const valueOf = (prices: Float64Array): number => {
    let total = 0;
    for (let u = 0; u < V; u++) {
      for (let n = 0; n < degree[u]!; n++) {
        const v = neighbours[u * V + n]!;
        if (prices[v]! > prices[u]!) total += capacity[u * V + v]! * (prices[v]! - prices[u]!);
      }
      const curve = curves[u];
      if (curve === undefined) continue;
      const price = prices[u]! - prices[headOf[u]!]!;
      for (let s = 0; s < curve.slope.length && curve.slope[s]! > price; s++)
        total += (curve.slope[s]! - price) * (curve.x[s + 1]! - curve.x[s]!);
    }
    return total;
  };

  return {
    clear() {
      capacity.fill(0);
      flow.fill(0);
      curves.fill(undefined);
      headOf.fill(-1);
      tailOf.fill(-1);
      degree.fill(0);
    },
    setArc(from, to, amount) {
      join(from, to);
      capacity[from * V + to] = amount;
    },
    setGain(from, to, curve) {
      curves[from] = curve;
      headOf[from] = to;
      tailOf[to] = from;
      join(from, to);
    },
    bound(prices) {
      start(prices);
      let largest = 0;
      for (let v = 0; v < V; v++) largest = Math.max(largest, Math.abs(excess[v]!));
      const least = 1e-9 * largest;
      for (let n = 0; n < MOST_AUGMENTATIONS; n++) {
        const end = findPath(prices, least);
        if (end < 0) break;
        const reach = distance[end]!;
        let amount = -excess[end]!;
        let v = end;
        while (before[v]! >= 0) {
          amount = Math.min(amount, room(before[v]!, v));
          v = before[v]!;
        }
        amount = Math.min(amount, excess[v]!);
        for (let w = 0; w < V; w++) prices[w]! += Math.min(distance[w]!, reach);
        for (let w = end; before[w]! >= 0; w = before[w]!) push(before[w]!, w, amount);
        excess[v]! -= amount;
        excess[end]! += amount;
      }
      return valueOf(prices);
    },
  };
}
