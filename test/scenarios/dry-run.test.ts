// A rehearsal of the demo's story: at each of its chapters a dry run lists the action that is taken, and changes nothing. What
// follows an action is another story, because a rehearsed one has no effect.
import t from 'tap';
import type { Mode } from '../../src/model/policy-settings.js';
import { wordCountSpec, type WordCountOptions } from '../../src/simulator/word-count.js';
import { createClosedLoop } from '../support/closed-loop.js';

const MOST_MINUTES = 60;

interface Chapter extends WordCountOptions {
  readonly title: string;
  /** The actions, as `operator from → to`. */
  readonly expected: string;
}

const CHAPTERS: readonly Chapter[] = [
  {
    title: 'under the full load',
    offered: 1000,
    split: { parallelism: 1 },
    count: { parallelism: 1 },
    expected: 'scale_up: split 1 → 5, count 1 → 4',
  },
  {
    title: 'when the load falls',
    offered: 600,
    split: { parallelism: 5 },
    count: { parallelism: 4 },
    expected: 'scale_down: split 5 → 3, count 4 → 3',
  },
  {
    title: 'when a scale-down goes too far',
    offered: 380,
    split: { parallelism: 3 },
    count: { parallelism: 2 },
    expected: 'scale_down: split 3 → 2',
  },
  {
    title: 'when an instance is slow',
    offered: 380,
    split: { parallelism: 3, slow: { index: 1, factor: 4 } },
    count: { parallelism: 2 },
    expected: 'restart_instances: split 3 → 3',
  },
];

/** The first action, and whether anything changed. */
async function play(mode: Mode, { split, count, ...options }: Chapter): Promise<{ told: string; isChanged: boolean }> {
  const loop = await createClosedLoop({
    spec: wordCountSpec({
      ...options,
      sourceKind: 'push',
      source: { parallelism: 1, capacity: 4000 },
      split: { capacity: 250, keySkew: { kind: 'weights', byParallelism: { 2: [9, 1] } }, ...split },
      count: { capacity: 3000, ...count },
    }),
    engine: 'flink',
    policy: { mode, scale_down_memory: '10m' },
  });
  const parallelism = (): string =>
    loop.topology
      .state()
      .operators.map((operator) => operator.parallelism)
      .join();
  const before = `${parallelism()} ${loop.topology.state().restarts}`;
  try {
    for (let minute = 0; minute < MOST_MINUTES; minute += 1) {
      await loop.run(60);
      const [action] = await loop.actions();
      if (action === undefined) continue;
      const changes = action.operators.map(
        ({ operator, currentParallelism, desiredParallelism }) =>
          `${operator} ${currentParallelism} → ${desiredParallelism}`,
      );
      await loop.run(5 * 60);
      const isChanged = `${parallelism()} ${loop.topology.state().restarts}` !== before;
      return { told: `${action.resolver}: ${changes.join(', ')} after ${minute} min`, isChanged };
    }
    return { told: 'nothing', isChanged: false };
  } finally {
    await loop.close();
  }
}

for (const chapter of CHAPTERS) {
  await t.test(`${chapter.title}, a dry run lists the same action at the same time`, async (t) => {
    const enforced = await play('enforce', chapter);
    const rehearsed = await play('dry_run', chapter);
    t.match(enforced.told, chapter.expected);
    t.equal(rehearsed.told, enforced.told);
    t.strictSame([enforced.isChanged, rehearsed.isChanged], [true, false], 'only enforced actions have an effect');
  });
}
