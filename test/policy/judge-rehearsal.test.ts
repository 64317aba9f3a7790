import t from 'tap';
import { isRehearsalOver } from '../../src/policy/judge-rehearsal.js';

await t.test('a dry run takes the settling time, unless its topology acts by then', (t) => {
  const action = { claimedAtMs: 1000 };
  const settings = { mode: 'dry_run', settlingTimeMs: 500 } as const;
  t.equal(isRehearsalOver(action, settings, 1499), false);
  t.equal(isRehearsalOver(action, settings, 1500), true);
  t.equal(isRehearsalOver(action, { ...settings, mode: 'enforce' }, 1001), true, 'a revert need not wait for it');
  t.end();
});
