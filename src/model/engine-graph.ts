// How the operators of a topology feed each other, and how they run, where the engine itself tells.

/** A topology's graph as its engine tells it. */
export interface EngineGraph {
  /** Of the operator whose series have this value of the engine's operator label; null: there is none. */
  vertexOf(label: string): string | null;
  /** The vertices that feed it directly. */
  inputsOf(vertex: string): readonly string[];
  /** Labels of all its vertices, as the series have them. */
  labels?(): readonly string[];
  /** How it runs; null: the engine does not say just now. */
  factsOf?(vertex: string): VertexFacts | null;
}

/** What an engine itself says of a vertex. */
export interface VertexFacts {
  /** It has ended, as it was to: its series are gone, not missing. */
  readonly finished: boolean;
  /** It runs with; null: not known. */
  readonly parallelism: number | null;
  /** The engine lets it run with no more than this; null: not known. */
  readonly maxParallelism: number | null;
}
