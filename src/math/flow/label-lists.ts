/** Vertices filed by label 0 … n−1 in doubly linked lists without allocation. */
export interface LabelLists {
  /** First vertex of a label, or −1. */
  readonly begin: Int32Array;
  readonly after: Int32Array;
  readonly before: Int32Array;
}

export function allocateLabelLists(vertexCount: number): LabelLists {
  return {
    begin: new Int32Array(vertexCount).fill(-1),
    after: new Int32Array(vertexCount),
    before: new Int32Array(vertexCount),
  };
}

/** Files the vertex under the label. O(1). */
export function fileVertex(lists: LabelLists, v: number, label: number): void {
  const { begin, after, before } = lists;
  const next = begin[label]!;
  begin[label] = v;
  after[v] = next;
  before[v] = -1;
  if (next >= 0) before[next] = v;
}

/** Takes the vertex out from under the label it is filed by. O(1). */
export function unfileVertex(lists: LabelLists, v: number, label: number): void {
  const { begin, after, before } = lists;
  const next = after[v]!;
  const previous = before[v]!;
  if (previous < 0) begin[label] = next;
  else after[previous] = next;
  if (next >= 0) before[next] = previous;
}
