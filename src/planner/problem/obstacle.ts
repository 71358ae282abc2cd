/** Why no placement can exist, and what would change that. */
export interface Obstacle {
  readonly reason: string;
  readonly remedy: string;
  /** Layers for which there is no room at all. */
  readonly missingLayers?: number;
}
