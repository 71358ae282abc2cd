/**
 * A binary min-heap of (time, payload) in flat arrays. Equal times come out in the order in which
 * they went in, so a run is a function of its seed alone. push and pop O(log n).
 */
export interface EventHeap {
  readonly size: () => number;
  push(time: number, payload: number): void;
  /** Time of the next event; `Infinity` when there is none. */
  nextTime(): number;
  /** Removes the next event and returns its payload; only when there is one. */
  pop(): number;
}

const FIRST_SIZE = 256;

export function createEventHeap(): EventHeap {
  let capacity = FIRST_SIZE;
  let times = new Float64Array(capacity);
  let orders = new Float64Array(capacity);
  let payloads = new Int32Array(capacity);
  let count = 0;
  let pushed = 0;

  function grow(): void {
    capacity *= 2;
    const moreTimes = new Float64Array(capacity);
    moreTimes.set(times);
    times = moreTimes;
    const moreOrders = new Float64Array(capacity);
    moreOrders.set(orders);
    orders = moreOrders;
    const morePayloads = new Int32Array(capacity);
    morePayloads.set(payloads);
    payloads = morePayloads;
  }

  return {
    size: () => count,
    push(time, payload) {
      if (count === capacity) grow();
      const order = pushed;
      pushed += 1;
      let at = count;
      count += 1;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (times[parent]! <= time) break;
        times[at] = times[parent]!;
        orders[at] = orders[parent]!;
        payloads[at] = payloads[parent]!;
        at = parent;
      }
      times[at] = time;
      orders[at] = order;
      payloads[at] = payload;
    },
    nextTime: () => (count === 0 ? Infinity : times[0]!),
    pop() {
      const result = payloads[0]!;
      count -= 1;
      const time = times[count]!;
      const order = orders[count]!;
      const payload = payloads[count]!;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= count) break;
        const right = child + 1;
        if (right < count && before(times[right]!, orders[right]!, times[child]!, orders[child]!)) {
          child = right;
        }
        if (before(time, order, times[child]!, orders[child]!)) break;
        times[at] = times[child]!;
        orders[at] = orders[child]!;
        payloads[at] = payloads[child]!;
        at = child;
      }
      times[at] = time;
      orders[at] = order;
      payloads[at] = payload;
      return result;
    },
  };
}

function before(time: number, order: number, otherTime: number, otherOrder: number): boolean {
  return time < otherTime || (time === otherTime && order < otherOrder);
}
