import t from 'tap';
import { NOT_SETTLED, type Action } from '../../src/model/action.js';
import { recommendWhileSettling, type RescalingMemories } from '../../src/policy/recommend-while-settling.js';
import type { ActionChanges } from '../support/actions.js';
import { operatorEvaluation, operatorMeasurement, scaleUpAction, topologyEvaluation } from '../support/evaluations.js';

const WINDOW_MS = 60_000;
const NOW_MS = 1_750_000_000_000;

/** A look at `split` with this parallelism and this recommendation. */
function look(parallelism: number | null, recommended: number | null, atMs = NOW_MS, incompleteBecause?: string) {
  const split = operatorEvaluation('split', {
    measurement: operatorMeasurement('split', { parallelism, incompleteBecause: incompleteBecause ?? null }),
    recommendedParallelism: recommended,
  });
  return topologyEvaluation('wordcount', [split, operatorEvaluation('count', { recommendedParallelism: 7 })], { atMs });
}

function recommendedFor(evaluation: ReturnType<typeof look>, open: readonly Action[]): (number | null)[] {
  const settled = recommendWhileSettling(evaluation, WINDOW_MS, open, new Map());
  return settled.evaluation.operators.map(({ recommendedParallelism }) => recommendedParallelism);
}

const seenAt = (seenAtMs: number | null) => ({ ...NOT_SETTLED, seenAtMs, firstSeenAtMs: seenAtMs });

await t.test('the recommendation of an operator with an open action is its desired parallelism', (t) => {
  const tables: [string, ActionChanges, number | null][] = [
    ['before its call is answered', { state: 'claimed' }, 4],
    ['while its effect is not seen', { state: 'completed' }, 4],
    ['while the window contains earlier samples', { state: 'completed', settling: seenAt(NOW_MS - WINDOW_MS + 1) }, 4],
    [
      'once a full window has seen it, the measured one',
      { state: 'completed', settling: seenAt(NOW_MS - WINDOW_MS) },
      15,
    ],
    ['after a gap in the data, until there is a full window again', { state: 'completed', settling: seenAt(null) }, 4],
    ['a restart changes no parallelism', { resolver: 'restart_instances', desiredParallelism: 2 }, 2],
    ['a revert gives back', { resolver: 'revert', currentParallelism: 2, desiredParallelism: 3 }, 3],
    ['one of another operator leaves it alone', { operator: 'other' }, 15],
  ];
  for (const [title, action, expected] of tables) {
    t.strictSame(recommendedFor(look(2, 15), [scaleUpAction(action)]), [expected, 7], title);
  }
  t.strictSame(recommendedFor(look(null, null), [scaleUpAction()]), [4, 7], 'also while nothing is seen of it');
  t.strictSame(recommendedFor(look(2, 15), []), [15, 7], 'without one, the measured parallelism');
  t.end();
});

await t.test('the recommendation is the present parallelism for a window after a change by others', (t) => {
  type Step = readonly [seconds: number, parallelism: number | null, measured: number | null, expected: number | null];
  const courses: Record<string, readonly Step[]> = {
    'a change that is seen': [
      [0, 2, 6, 6],
      [15, 6, 15, 6],
      [60, 6, 10, 6],
      [75, 6, 7, 7],
    ],
    'with a gap in between': [
      [0, 2, 6, 6],
      [15, null, null, null],
      [45, 6, 15, 6],
      [104, 6, 15, 6],
      [105, 6, 7, 7],
    ],
    'a change in steps': [
      [0, 2, 6, 6],
      [15, 4, 12, 4],
      [30, 6, 15, 6],
      [89, 6, 12, 6],
      [90, 6, 6, 6],
      [105, 6, 9, 9],
    ],
    'a sighting too long ago does not apply to the window': [
      [0, 2, 6, 6],
      [15, null, null, null],
      [75, 6, 9, 9],
    ],
    'the first look has nothing to compare with': [[0, 6, 15, 15]],
  };
  for (const [title, steps] of Object.entries(courses)) {
    let memories: RescalingMemories = new Map();
    const seen = steps.map(([seconds, parallelism, measured]) => {
      const settled = recommendWhileSettling(
        look(parallelism, measured, NOW_MS + seconds * 1000),
        WINDOW_MS,
        [],
        memories,
      );
      ({ memories } = settled);
      return settled.evaluation.operators[0]?.recommendedParallelism;
    });
    t.strictSame(
      seen,
      steps.map(([, , , expected]) => expected),
      title,
    );
  }
  t.end();
});

await t.test('instances that are missing for a moment do not count as a change', (t) => {
  const first = recommendWhileSettling(look(4, 4), WINDOW_MS, [], new Map());
  const gap = recommendWhileSettling(look(1, null, NOW_MS + 1000, 'a gap'), WINDOW_MS, [], first.memories);
  t.equal(gap.evaluation.operators[0]?.recommendedParallelism, null, 'an unknown value remains unknown');
  const back = recommendWhileSettling(look(4, 6, NOW_MS + 2000), WINDOW_MS, [], gap.memories);
  t.equal(back.evaluation.operators[0]?.recommendedParallelism, 6);
  t.end();
});
