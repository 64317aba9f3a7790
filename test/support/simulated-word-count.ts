// A word count whose split is too small, in real time, with the webhook that fixes it.
import type { Test } from 'tap';
import { systemClock } from '../../src/clock.js';
import { startSimulator, type Simulator } from '../../src/simulator/simulator-server.js';
import { wordCountSpec } from '../../src/simulator/word-count.js';

/** As in `topologies` of a configuration. */
export const WORD_COUNT_OPERATORS = [
  { name: 'source', match: 'Source:.*', role: 'source' },
  { name: 'split', inputs: ['source'] },
  { name: 'count', inputs: ['split'] },
];

/** 1000 sentences/s: two splits take 600, four would take 1200. It stops with the test. */
export async function startWordCount(t: Test): Promise<Simulator> {
  const spec = wordCountSpec({
    offered: 1000,
    sourceKind: 'push',
    restartGapSeconds: 2,
    source: { parallelism: 1, capacity: 2000 },
    split: { parallelism: 2, capacity: 300 },
    count: { parallelism: 4, capacity: 3500 },
  });
  const simulator = await startSimulator({ spec, flavour: 'flink', seed: 1, stepMs: 50, clock: systemClock });
  t.teardown(() => simulator.stop());
  return simulator;
}
