// The recommendation for an autoscaler while a change settles, in the control loop with simulated time.
import t from 'tap';
import type { Action } from '../../src/model/action.js';
import { wordCountSpec } from '../../src/simulator/word-count.js';
import { createClosedLoop, STEP_SECONDS, type ClosedLoop, type ClosedLoopOptions } from '../support/closed-loop.js';

t.setTimeout(120_000);

const WINDOW_SECONDS = 120;
/** Needs 10 splits; 20 counts are enough. */
const SPEC = wordCountSpec({ sourceKind: 'push', split: { parallelism: 4 }, count: { parallelism: 20 } });

interface Seen {
  readonly atMs: number;
  readonly parallelism: number | null;
  readonly recommended: number | null;
  /** The newest action. */
  readonly action: Action | undefined;
}

/** The results for `split` of each new look, until `isOver`. */
async function watchSplit(
  loop: ClosedLoop,
  isOver: (seen: readonly Seen[]) => boolean,
  each?: () => void,
): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (let step = 0; step < 60 * (60 / STEP_SECONDS) && !isOver(seen); step += 1) {
    await loop.run(STEP_SECONDS);
    each?.();
    const evaluation = loop.evaluation();
    if (evaluation === null || evaluation.atMs === seen.at(-1)?.atMs) continue;
    const split = evaluation.operators.find(({ measurement }) => measurement.spec.name === 'split');
    seen.push({
      atMs: evaluation.atMs,
      parallelism: split?.measurement.parallelism ?? null,
      recommended: split?.recommendedParallelism ?? null,
      action: (await loop.actions()).at(-1),
    });
  }
  return seen;
}

/** Looks while the newest action was open, and before its effect was visible for a full window. */
const whileSettling = (seen: readonly Seen[]): Seen[] =>
  seen.filter(({ atMs, action }) => {
    if (action === undefined || action.claimedAtMs > atMs) return false;
    const { seenAtMs } = action.settling;
    return action.state !== 'judged' && (seenAtMs === null || atMs < seenAtMs + WINDOW_SECONDS * 1000);
  });

const options = (more: Partial<ClosedLoopOptions> = {}): ClosedLoopOptions => ({
  spec: SPEC,
  engine: 'flink',
  windowSeconds: WINDOW_SECONDS,
  ...more,
});

await t.test(
  'from the call until a full window after its effect, it is the desired parallelism of the action',
  async (t) => {
    const loop = await createClosedLoop(options());
    t.teardown(() => loop.close());
    const seen = await watchSplit(loop, (looks) => looks.at(-1)?.action?.state === 'judged');
    const settling = whileSettling(seen);
    const desired = settling[0]?.action?.operators[0].desiredParallelism ?? 0;
    t.ok(desired > 4, `from 4 to ${desired}`);
    t.ok(
      settling.some(({ parallelism }) => parallelism === null) && settling.some(({ parallelism }) => parallelism === 4),
      'before the effect, and during the restart',
    );
    t.ok(settling.filter(({ parallelism }) => parallelism === desired).length >= 2, 'and while the window fills');
    t.same([...new Set(settling.map(({ recommended }) => recommended))], [desired]);
    t.match(seen.at(-1)?.action, { outcome: 'resolved', resolver: 'scale_up' });
  },
);

await t.test('a call without effect is recommended until its judgement, then the present parallelism', async (t) => {
  const loop = await createClosedLoop(options({ answer: () => ({ result: 'succeeded' }) }));
  t.teardown(() => loop.close());
  const isOver = (looks: readonly Seen[]): boolean =>
    looks.filter(({ action }) => action?.state === 'judged').length > 20;
  const seen = await watchSplit(loop, isOver);
  const actions = await loop.actions();
  const settling = whileSettling(seen);
  t.ok(settling.length > 3);
  t.same([...new Set(settling.map(({ recommended }) => recommended))], [actions[0]?.operators[0].desiredParallelism]);
  t.equal(actions[0]?.outcome, 'not_applied');
  t.equal(actions.length, 1, 'nothing was granted: no further call');
  t.equal(seen.at(-1)?.recommended, 4);
});

await t.test('during a restart of instances it is the present parallelism', async (t) => {
  const spec = wordCountSpec({
    sourceKind: 'push',
    split: { parallelism: 12, slow: { index: 3, factor: 4 } },
    count: { parallelism: 24 },
  });
  const loop = await createClosedLoop(options({ spec }));
  t.teardown(() => loop.close());
  const seen = await watchSplit(loop, (looks) => looks.at(-1)?.action?.state === 'judged');
  t.match(seen.at(-1)?.action, {
    resolver: 'restart_instances',
    operators: [{ operator: 'split', currentParallelism: 12, desiredParallelism: 12 }],
  });
  const settling = whileSettling(seen);
  t.ok(settling.length > 3);
  t.ok(settling.every(({ recommended }) => recommended === 12));
});

await t.test('an autoscaler that follows it, without a webhook, reaches a stable parallelism', async (t) => {
  const loop = await createClosedLoop(options({ resolvers: [], evaluationIntervalSeconds: STEP_SECONDS }));
  t.teardown(() => loop.close());
  const asked: number[] = [];
  const follow = (): void => {
    const split = loop.evaluation()?.operators.find(({ measurement }) => measurement.spec.name === 'split');
    const wanted = split?.recommendedParallelism ?? null;
    const present = loop.topology.state().operators.find(({ name }) => name === 'split')?.parallelism;
    if (wanted === null || wanted === present) return;
    asked.push(wanted);
    loop.topology.rescale('split', wanted);
  };
  const seen = await watchSplit(loop, (looks) => looks.length > 30, follow);
  t.ok(asked.length > 0 && asked.length <= 3, 'within a few steps');
  // It needs 10; 12 leave headroom.
  t.ok(Math.max(...asked) <= 12, `and not further: ${asked.join(', ')}`);
  t.ok(seen.length > 30);
});
