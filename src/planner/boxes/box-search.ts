/** A branch and bound over boxes of intervals that goes on a box at a time. */
export interface BoxSearch {
  /** What its bound is called. */
  readonly name: string;
  /** Boxes left to expand; none: it has proven all it can. */
  openBoxes(): number;
  /** Tokens/s that no placement exceeds. */
  bound(): number;
  /** Takes the most promising box apart. There must be an open one. */
  expand(): void;
}
