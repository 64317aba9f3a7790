// The word count of the rig as it is first submitted, and what it needs: a division, since every instance does a fixed amount.
import type { WordCount } from './flink-cluster.js';

/** The value of Flink's label `job_name`. */
export const JOB_NAME = 'wordcount';

/** Of each sentence. */
const WORDS = 4;

/** Sentences/s that one instance of split does, and words/s that one of count does. */
export const CAPACITY = { split: 100, count: 1000 } as const;

export function wordCount(controls: string): WordCount {
  return {
    name: JOB_NAME,
    controls,
    partitions: 4,
    parallelism: { source: 1, split: 1, count: 3 },
    words: WORDS,
    capacity: CAPACITY,
  };
}

/** The smallest parallelism that keeps up with so many sentences/s. */
export function neededOfSplit(sentencesPerSecond: number): number {
  return Math.ceil(sentencesPerSecond / CAPACITY.split);
}
