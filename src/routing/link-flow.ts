/** The flow a placement puts on one physical link. `from` and `to` are node indices or `COORDINATOR`. */
export interface LinkFlow {
  readonly from: number;
  readonly to: number;
  /** Tokens/s. */
  readonly flow: number;
  /** Tokens/s the link itself could carry. */
  readonly capacity: number;
}
