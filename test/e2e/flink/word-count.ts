// The word count of the rig as it is first submitted, and what it needs: a division, since every instance does a fixed amount.
import type { WordCount } from './flink-cluster.js';

/** The value of Flink's label `job_name`. */
export const JOB_NAME = 'wordcount';

/** Of each sentence. */
const WORDS = 4;

/**
 * Sentences/s that one instance of split does, and words/s that one of count does: behind one full instance of split, one of count
 * is 95 % busy.
 */
export const CAPACITY = { split: 100, count: 420 } as const;

/** @param instances of split, and of count */
export function wordCount(controls: string, instances = 1): WordCount {
  return {
    name: JOB_NAME,
    controls,
    partitions: 4,
    parallelism: { source: 1, split: instances, count: instances },
    words: WORDS,
    capacity: CAPACITY,
  };
}

/** The smallest parallelism of split that keeps up with so many sentences/s, its instances no busier than this on average. */
export function neededOfSplit(sentencesPerSecond: number, busyRatio: number): number {
  return Math.ceil(sentencesPerSecond / (CAPACITY.split * busyRatio));
}
