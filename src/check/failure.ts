/** One statement of a placement file that does not hold. */
export interface CheckFailure {
  /** JSON path into the placement file. */
  readonly path: string;
  /** What is wrong, with both figures. */
  readonly message: string;
}

/** Collects failures. */
export type Fail = (path: string, message: string) => void;
