// How the operators of a topology feed each other, and how they run, where the engine itself tells.

/** A topology's graph as its engine tells it. */
export interface EngineGraph {
  /** The vertex whose series have this value of the engine's operator label; null: there is none. */
  vertexOf(label: string): EngineVertex | null;
  readonly vertices: readonly EngineVertex[];
}

/** What an engine itself says of an operator. */
export interface EngineVertex {
  /** As the series have it, but for characters that a reporter replaces. */
  readonly name: string;
  /** The vertices that feed it directly. */
  readonly inputs: readonly string[];
  /** It has ended, as it was to: its series are gone, not missing. */
  readonly finished: boolean;
  /** It runs with; null: the engine does not say just now. */
  readonly parallelism: number | null;
  /** The engine lets it run with no more than this; null: not known. */
  readonly maxParallelism: number | null;
  /** In how many groups its keyed input comes, each of which one instance has; null: it is not keyed, or it is not known. */
  readonly keyGroups: number | null;
}
