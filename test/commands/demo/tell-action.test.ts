import t from 'tap';
import type { SeenAction } from '../../../src/commands/demo/loop-observer.js';
import { createNarrator } from '../../../src/commands/demo/narrator.js';
import { tellAction } from '../../../src/commands/demo/tell-action.js';

const CALLED: SeenAction = {
  id: '1',
  operator: 'split',
  resolver: 'scale_up',
  state: 'completed',
  outcome: null,
  current_parallelism: 2,
  desired_parallelism: 4,
  claimed_at: '2026-01-02T03:04:06.000Z',
  judged_at: null,
};

await t.test('a tick is for what went well, and what is not judged yet has no outcome', (t) => {
  const table: readonly (readonly [Partial<SeenAction>, string])[] = [
    [{ state: 'claimed' }, '… scale_up of split, 2 → 4: begun, not answered yet'],
    [{}, '… scale_up of split, 2 → 4: called, not judged yet'],
    [{ resolver: 'rebalance', desired_parallelism: 2 }, '… rebalance of split: called, not judged yet'],
    [{ state: 'judged', outcome: 'resolved' }, '✓ scale_up of split, 2 → 4: resolved'],
    [{ state: 'judged', outcome: 'improved' }, '✓ scale_up of split, 2 → 4: improved'],
    [{ state: 'judged', outcome: 'ineffective' }, '• scale_up of split, 2 → 4: ineffective'],
    [{ state: 'judged', outcome: 'cancelled' }, '• scale_up of split, 2 → 4: cancelled'],
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
