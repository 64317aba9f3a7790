import t from 'tap';
import type { SeenAction, SeenDecision } from '../../../src/commands/demo/loop-observer.js';
import { faultsOf, renderEffect } from './story-report.js';

const SCALED_UP: SeenAction = {
  id: 'a',
  resolver: 'scale_up',
  state: 'judged',
  outcome: 'resolved',
  operators: [
    { operator: 'split', current_parallelism: 1, desired_parallelism: 6, operator_instances: [] },
    { operator: 'count', current_parallelism: 1, desired_parallelism: 4, operator_instances: [] },
  ],
  claimed_at: '1970-01-01T00:00:09Z',
  completed_at: '1970-01-01T00:00:10Z',
  judged_at: '1970-01-01T00:03:20Z',
  held_up_by: null,
};

const ACT: SeenDecision = {
  at: '1970-01-01T00:00:09Z',
  operator: 'split',
  diagnosis: 'underprovisioning',
  decision: 'act',
  reason: null,
  evidence: { missing_sensors: [] },
};

/** Instances of both over time: 62 s after the call one has what was asked for, and 64 s after it the other too. */
const SEEN = {
  instances: new Map([
    [
      'split',
      [
        [8, 1],
        [72, 6],
      ] as const,
    ],
    [
      'count',
      [
        [8, 1],
        [74, 4],
      ] as const,
    ],
  ]),
  untilMs: 300_000,
};

function heldUpBy(...words: readonly string[]): { of: () => readonly string[] } {
  return { of: () => words };
}

void t.test('of each action it is told how long it took to be seen, and whatever the API said of it meanwhile', (t) => {
  t.equal(renderEffect(SCALED_UP, { ...SEEN, holdUps: heldUpBy() }), '64 s');
  t.equal(
    renderEffect(SCALED_UP, { ...SEEN, holdUps: heldUpBy('waiting for a checkpoint | at most until 00:04', 'slots') }),
    '64 s, waiting for a checkpoint \\| at most until 00:04, slots',
  );
  const judgedEarlier = { ...SCALED_UP, judged_at: '1970-01-01T00:01:13Z' };
  t.equal(renderEffect(judgedEarlier, { ...SEEN, holdUps: heldUpBy('slots') }), '–, slots');
  const unanswered = { ...SCALED_UP, completed_at: null, judged_at: null };
  t.equal(renderEffect(unanswered, { ...SEEN, holdUps: heldUpBy() }), '65 s', 'since it was claimed');
  t.end();
});

void t.test('an action that ends as not_applied, or was decided blindly, is a fault', (t) => {
  t.same(faultsOf([SCALED_UP], [ACT]), []);
  t.same(faultsOf([SCALED_UP, { ...SCALED_UP, outcome: 'not_applied' }], [ACT]), [
    'scale_up of split 1 → 6, count 1 → 4: not_applied',
  ]);
  const blind = [{ ...ACT, evidence: null }, { ...ACT, evidence: { missing_sensors: ['split/busy'] } }, ACT];
  t.same(faultsOf([SCALED_UP], blind), ['2 actions were decided while something was missing']);
  t.end();
});
