// The word count of the paper and of the demo: Source:_sentences → split → count, with task names as Flink's reporter shows
// them.
import type { OfferedLoad } from './load-curve.js';
import type { SimulatedOperator, TopologySpec } from './topology-spec.js';

export const WORD_COUNT_SOURCE = 'Source:_sentences';

type Traits = Partial<
  Pick<
    SimulatedOperator,
    'parallelism' | 'capacity' | 'keySkew' | 'hotKey' | 'slow' | 'pendingCapacity' | 'maxParallelism'
  >
>;

export interface WordCountOptions extends Partial<Omit<TopologySpec, 'operators'>> {
  /** Sentences/s; default 1000. */
  readonly offered?: OfferedLoad;
  readonly sourceKind?: 'push' | 'kafka';
  /** Default 10. */
  readonly wordsPerSentence?: number;
  readonly source?: Traits;
  readonly split?: Traits;
  readonly count?: Traits;
}

/**
 * With all defaults, 1000 sentences/s need 1 source (it could read 2000/s), 10 splits and 20 counts; that is what it starts
 * with.
 */
export function wordCountSpec(options: WordCountOptions = {}): TopologySpec {
  const { offered = 1000, sourceKind = 'kafka', wordsPerSentence = 10, source, split, count, ...topology } = options;
  return {
    name: 'wordcount',
    ...topology,
    operators: [
      { name: WORD_COUNT_SOURCE, parallelism: 1, capacity: 2000, ...source, source: { kind: sourceKind, offered } },
      {
        name: 'split',
        parallelism: 10,
        capacity: 100,
        ...split,
        selectivity: wordsPerSentence,
        inputs: [WORD_COUNT_SOURCE],
      },
      { name: 'count', parallelism: 20, capacity: 500, ...count, inputs: ['split'] },
    ],
  };
}
