import t from 'tap';
import type { LoopObserver, SeenAction } from '../../../src/commands/demo/loop-observer.js';
import { createNarrator } from '../../../src/commands/demo/narrator.js';
import { tellAction, tellNewest } from '../../../src/commands/demo/tell-action.js';

const CALLED: SeenAction = {
  id: '1',
  resolver: 'scale_up',
  state: 'completed',
  outcome: null,
  operators: [{ operator: 'split', current_parallelism: 2, desired_parallelism: 4, operator_instances: [] }],
  claimed_at: '2026-01-02T03:04:06.000Z',
  completed_at: null,
  judged_at: null,
  held_up_by: null,
};

const UNCHANGED = { operator: 'split', current_parallelism: 2, desired_parallelism: 2, operator_instances: ['1'] };
const MORE = { operator: 'count', current_parallelism: 1, desired_parallelism: 3, operator_instances: [] };

await t.test('only a success gets a tick, and an action that is not judged yet has no outcome', (t) => {
  const table: readonly (readonly [Partial<SeenAction>, string])[] = [
    [{ state: 'claimed' }, '… scale_up of split 2 → 4: claimed, not answered yet'],
    [{}, '… scale_up of split 2 → 4: called, not judged yet'],
    [
      { resolver: 'rebalance', operators: [UNCHANGED] },
      '… rebalance of split, away from instance 1 (of 2): called, not judged yet',
    ],
    [
      { resolver: 'restart_instances', operators: [UNCHANGED] },
      '… restart of instance 1 of split (of 2): called, not judged yet',
    ],
    [{ operators: [...CALLED.operators, MORE] }, '… scale_up of split 2 → 4, count 1 → 3: called, not judged yet'],
    [{ state: 'judged', outcome: 'resolved' }, '✓ scale_up of split 2 → 4: resolved'],
    [{ state: 'judged', outcome: 'improved' }, '✓ scale_up of split 2 → 4: improved'],
    [{ state: 'judged', outcome: 'ineffective' }, '• scale_up of split 2 → 4: ineffective'],
    [{ state: 'judged', outcome: 'cancelled' }, '• scale_up of split 2 → 4: cancelled'],
  ];
  for (const [more, told] of table) {
    const lines: string[] = [];
    const write = (line: string): void => {
      lines.push(line);
    };
    tellAction({ ...CALLED, ...more }, createNarrator({ write, clock: { now: () => 0 }, isTerminal: false }));
    t.strictSame(lines, [`[   0.0 s] ${told}\n`]);
  }
  t.end();
});

await t.test('a step that was not observed shows the last actions of Dhalion, newest last', async (t) => {
  const held = { operator: 'split', diagnosis: 'underprovisioning', decision: 'hold', evidence: null };
  const observer: LoopObserver = {
    value: () => Promise.resolve(null),
    hasAlert: () => Promise.resolve(false),
    blacklist: () => Promise.resolve([]),
    actions: () => Promise.resolve([CALLED]),
    decisions: () =>
      Promise.resolve([
        { ...held, at: '2026-01-02T03:04:08.000Z', reason: 'action_in_flight' },
        { ...held, at: '2026-01-02T03:04:06.000Z', decision: 'act', reason: null },
      ]),
    lastDecision: () => Promise.resolve(null),
    close: () => undefined,
  };
  const lines: string[] = [];
  const write = (line: string): void => {
    lines.push(line);
  };
  const narrator = createNarrator({ write, clock: { now: () => 0 }, isTerminal: false });
  await tellNewest(observer, narrator);
  t.strictSame(lines, [
    '[   0.0 s] • Dhalion acted at 2026-01-02T03:04:06.000Z: scale_up of split 2 → 4: called, not judged yet\n',
    '[   0.0 s] • Dhalion decided at 2026-01-02T03:04:06.000Z: split, underprovisioning: act\n',
    '[   0.0 s] • Dhalion decided at 2026-01-02T03:04:08.000Z: split, underprovisioning: hold, action_in_flight\n',
  ]);
  await tellNewest({ ...observer, actions: () => Promise.reject(new Error('gone')) }, narrator);
  t.equal(lines.length, 3, 'nothing is said where Dhalion cannot be asked');
});
