// The wall clock is set, back and forward, at every stage of an action: its outcome, and when, stay the same.
import t from 'tap';
import type { Action } from '../../src/model/action.js';
import { wordCountSpec } from '../../src/simulator/word-count.js';
import { createClosedLoop } from '../support/closed-loop.js';

const HOUR_SECONDS = 3600;
const RUN_SECONDS = 20 * 60;
/** The action on one operator is claimed, completed, seen, judged, in its cooldown, and followed by one on the other operator. */
const STAGES_SECONDS = [105, 135, 180, 285, 450, 705];

interface Told {
  readonly resolver: string;
  readonly operator: string;
  readonly desiredParallelism: number;
  readonly outcome: string | null;
  /** Monotonic time. */
  readonly judgedAtSeconds: number;
}

/** The actions within this time, with the clock set at `atSeconds`. */
async function run(bySeconds: number, atSeconds: number): Promise<readonly Told[]> {
  const judgedAtSeconds = new Map<string, number>();
  let before: readonly Action[] = [];
  const loop = await createClosedLoop({
    spec: wordCountSpec({ sourceKind: 'push', split: { parallelism: 3 }, count: { parallelism: 8 } }),
    engine: 'flink',
    policy: { cooldown: '5m', plan: 'operator' },
    clockSetSeconds: (elapsedSeconds) => (elapsedSeconds >= atSeconds ? bySeconds : 0),
    onStep: (topology, open) => {
      const { timeSeconds } = topology.state();
      for (const { id } of before) if (!open.some((one) => one.id === id)) judgedAtSeconds.set(id, timeSeconds);
      before = open;
    },
  });
  try {
    await loop.run(RUN_SECONDS);
    return (await loop.actions()).map(({ id, resolver, operators: [{ operator, desiredParallelism }], outcome }) => {
      const judged = Math.round(judgedAtSeconds.get(id) ?? NaN);
      return { resolver, operator, desiredParallelism, outcome, judgedAtSeconds: judged };
    });
  } finally {
    await loop.close();
  }
}

await t.test('actions, their times and their outcomes do not depend on the setting of the wall clock', async (t) => {
  const undisturbed = await run(0, 0);
  t.match(undisturbed, [
    { operator: 'split', outcome: 'improved' },
    { operator: 'count', outcome: 'resolved' },
  ]);
  t.comment(JSON.stringify(undisturbed));
  for (const bySeconds of [-2 * HOUR_SECONDS, 2 * HOUR_SECONDS, 60 * 24 * HOUR_SECONDS]) {
    for (const atSeconds of STAGES_SECONDS) {
      t.strictSame(await run(bySeconds, atSeconds), undisturbed, `set by ${bySeconds} s after ${atSeconds} s`);
    }
  }
});
