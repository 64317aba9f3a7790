// Queries: orders, filters and limits.
import type { ActionLog } from '../../src/action-log/action-log.js';
import { AT_MS, holdDecision, sampleAction } from '../support/action-log-samples.js';
import { claim, type TestOn } from './contract-harness.js';

export async function testQueries(testOn: TestOn): Promise<void> {
  await testOn(
    'actions are listed newest first, in the order of their claims at any clock, by topology, since and limit',
    async (t, log) => {
      const times = [AT_MS, AT_MS + 2, AT_MS + 1, AT_MS + 2];
      const claimed = times.map((claimedAtMs, index) =>
        sampleAction({ topology: index === 2 ? 'b' : 'a', claimedAtMs, dryRun: true, state: 'judged' }),
      );
      for (const action of claimed) await claim(log, action);
      const positions = async (filter: Parameters<ActionLog['actions']>[0]) =>
        (await log.actions(filter)).map(({ id }) => claimed.findIndex((action) => action.id === id));
      t.strictSame(await positions({}), [3, 2, 1, 0]);
      t.strictSame(await positions({ topology: 'a' }), [3, 1, 0]);
      t.strictSame(await positions({ sinceMs: AT_MS + 1 }), [3, 2, 1], 'since is inclusive');
      t.strictSame(await positions({ limit: 2 }), [3, 2]);
      t.strictSame(await positions({ topology: 'a', sinceMs: AT_MS + 1, limit: 1 }), [3]);
      t.strictSame(await positions({ topology: 'none' }), []);
      t.strictSame(await positions({ limit: 0 }), []);
    },
  );

  await testOn('real actions and dry runs can be listed separately, each with its own limit', async (t, log) => {
    const dry = [1, 2, 3].map((more) => sampleAction({ claimedAtMs: AT_MS + more, dryRun: true, state: 'judged' }));
    const real = sampleAction({ claimedAtMs: AT_MS, state: 'judged' });
    for (const action of [real, ...dry]) await claim(log, action);
    const ids = async (filter: Parameters<ActionLog['actions']>[0]) => (await log.actions(filter)).map(({ id }) => id);
    t.strictSame(await ids({ limit: 1, dryRun: false }), [real.id]);
    t.strictSame(await ids({ limit: 2, dryRun: true }), [dry[2]?.id, dry[1]?.id]);
  });

  await testOn(
    'decisions are listed newest first, in the order of their records, by topology, since and limit',
    async (t, log) => {
      const holds = [AT_MS, AT_MS + 2, AT_MS + 1, AT_MS + 2].map((atMs, index) =>
        holdDecision({ atMs, topology: index === 2 ? 'b' : 'a', operator: String(index) }),
      );
      for (const hold of holds) await log.recordHold(hold);
      const positions = async (filter: Parameters<ActionLog['decisions']>[0]) =>
        (await log.decisions(filter)).map(({ operator }) => Number(operator));
      t.strictSame(await positions({}), [3, 2, 1, 0]);
      t.strictSame(await positions({ topology: 'a', sinceMs: AT_MS + 1 }), [3, 1]);
      t.strictSame(await positions({ limit: 3 }), [3, 2, 1]);
    },
  );

  await testOn('open actions are listed oldest first', async (t, log) => {
    for (const [topology, claimedAtMs] of Object.entries({ a: AT_MS + 1, b: AT_MS, c: AT_MS + 1 })) {
      await claim(log, sampleAction({ topology, claimedAtMs }));
    }
    t.strictSame(
      (await log.openActions()).map(({ topology }) => topology),
      ['a', 'b', 'c'],
    );
  });
}
