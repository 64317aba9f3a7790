// Conclusions from a look that Prometheus or the disk delays.
import t from 'tap';
import { wordCountSpec } from '../../src/simulator/word-count.js';
import { createClosedLoop, STEP_SECONDS } from '../support/closed-loop.js';

const WINDOW_SECONDS = 120;

await t.test('a look counts for the time of its data, not of its end', async (t) => {
  let isAskedFor = false;
  let seenAtMs: number | null = null;
  let slowLooks = 0;
  const loop = await createClosedLoop({
    spec: wordCountSpec({
      sourceKind: 'push',
      split: { parallelism: 4 },
      count: { parallelism: 20 },
      restartGapSeconds: 0,
    }),
    engine: 'flink',
    windowSeconds: WINDOW_SECONDS,
    // One step from before the change has backpressure, in a window of eight.
    policy: { backpressure_threshold: 0.05 },
    answer: () => {
      isAskedFor = true;
      return { result: 'succeeded' };
    },
    // The scaler needs one step.
    onStep: (topology, [open]) => {
      if (isAskedFor) topology.rescale('split', 10);
      isAskedFor = false;
      seenAtMs ??= open?.settling.seenAtMs ?? null;
    },
    // Starts two steps before the window is full, and ends when it would be.
    lookSeconds: (atMs) => {
      if (seenAtMs === null || atMs - seenAtMs !== (WINDOW_SECONDS - 2 * STEP_SECONDS) * 1000) return 0;
      slowLooks += 1;
      return 2 * STEP_SECONDS;
    },
  });
  t.teardown(() => loop.close());
  await loop.run(10 * 60);
  t.ok(slowLooks > 0);
  t.match((await loop.actions())[0], { resolver: 'scale_up', operators: [{ operator: 'split' }], outcome: 'resolved' });
});
