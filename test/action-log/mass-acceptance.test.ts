// Structure of mass notifications: rows and statements of a commit, and turns of the event loop between two commits. `npm run bench`
// measures the times.
import type { KyselyPlugin, RootOperationNode } from 'kysely';
import t, { type Test } from 'tap';
import { migrate } from '../../src/action-log/migrations.js';
import { ALERTS_PER_COMMIT, HOLDS_PER_COMMIT, SqlActionLog } from '../../src/action-log/sql-action-log.js';
import { openSqliteStorage } from '../../src/action-log/sqlite-dialect.js';
import { systemClock } from '../../src/clock.js';
import { AT_MS, holdDecision, sampleAlert } from '../support/action-log-samples.js';

type Event = { readonly kind: string; readonly rows: number } | 'turn';

async function watchedLog(t: Test) {
  const storage = openSqliteStorage(t.testdir());
  await migrate(storage);
  const events: Event[] = [];
  const watch: KyselyPlugin = {
    transformQuery: ({ node }) => {
      events.push({ kind: node.kind, rows: rowsOf(node) });
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
  const log = new SqlActionLog({ ...storage, kysely: storage.kysely.withPlugin(watch) }, systemClock);
  t.teardown(() => log.close());
  /** Turns of the event loop during the work. */
  const during = async (work: Promise<unknown>): Promise<readonly Event[]> => {
    const from = events.length;
    let isOver = false;
    const turns = async (): Promise<void> => {
      while (!isOver) {
        events.push('turn');
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const turning = turns();
    await work.finally(() => (isOver = true));
    await turning;
    return events.slice(from);
  };
  return { log, during };
}

function rowsOf(node: RootOperationNode): number {
  if (node.kind !== 'InsertQueryNode') return 0;
  const { values } = node;
  return values?.kind === 'ValuesNode' ? (values as unknown as { values: unknown[] }).values.length : 1;
}

/** Rows that were inserted between two turns of the event loop, in order. */
function rowsByTurn(events: readonly Event[]): readonly number[] {
  const counts = [0];
  for (const event of events) {
    if (event === 'turn') counts.push(0);
    else counts.push((counts.pop() ?? 0) + event.rows);
  }
  return counts.filter((count) => count > 0);
}

const countOf = (events: readonly Event[], kind: string): number =>
  events.filter((event) => event !== 'turn' && event.kind === kind).length;

await t.test('alerts of all senders are committed 500 at a time, and other work runs in between', async (t) => {
  const { log, during } = await watchedLog(t);
  const alerts = Array.from({ length: 1300 }, (_, index) => sampleAlert({ operator: `operator-${index}` }));
  const events = await during(Promise.all([log.acceptAlerts(alerts, AT_MS), log.acceptAlerts(alerts, AT_MS)]));
  const rows = rowsByTurn(events);
  t.equal(
    rows.reduce((sum, count) => sum + count, 0),
    2600,
  );
  t.ok(rows.length >= 6);
  t.ok(
    rows.every((count) => count <= ALERTS_PER_COMMIT),
    rows.join(),
  );
});

await t.test(
  'a commit of resolved alerts has one query for the cancelled alerts, and one change a diagnosis',
  async (t) => {
    const { log, during } = await watchedLog(t);
    const resolved = Array.from({ length: 2000 }, (_, index) =>
      sampleAlert({ status: 'resolved', operator: `operator-${index % 1000}` }),
    );
    const withoutAny = await during(log.acceptAlerts(resolved, AT_MS));
    const commits = 2000 / ALERTS_PER_COMMIT;
    t.equal(countOf(withoutAny, 'InsertQueryNode'), commits);
    t.equal(countOf(withoutAny, 'SelectQueryNode'), 2 * commits);
    t.equal(countOf(withoutAny, 'UpdateQueryNode'), 0);

    const firing = [0, 1, 2].flatMap((index) =>
      ['first', 'second'].map((startsAt) => sampleAlert({ operator: `operator-${index}`, startsAt })),
    );
    await log.acceptAlerts([...firing, sampleAlert({ operator: 'another' })], AT_MS);
    const withSome = await during(log.acceptAlerts(resolved, AT_MS));
    t.equal(countOf(withSome, 'UpdateQueryNode'), 3);
    t.match(await log.undecidedAlerts(10), [{ operator: 'another' }]);
    t.equal((await log.undecidedAlerts(10)).length, 1);
  },
);

await t.test('holds are committed a hundred at a time, and other work runs in between', async (t) => {
  const { log, during } = await watchedLog(t);
  await log.acceptAlerts(
    Array.from({ length: 250 }, (_, index) => sampleAlert({ operator: `operator-${index}` })),
    AT_MS,
  );
  const undecided = await log.undecidedAlerts(1000);
  const holds = undecided.map(({ id, operator }) => log.recordHold(holdDecision({ alertId: id, operator })));
  const rows = rowsByTurn(await during(Promise.all(holds)));
  t.strictSame(rows, [HOLDS_PER_COMMIT, HOLDS_PER_COMMIT, 50]);
  t.strictSame(await log.undecidedAlerts(1), []);
});
