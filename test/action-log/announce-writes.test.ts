import t from 'tap';
import { announceWrites } from '../../src/action-log/announce-writes.js';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import type { Change } from '../../src/model/change.js';
import { scaleUpAction } from '../support/evaluations.js';

const PAUSE = {
  id: '0d9a3c1e-1b2c-4d3e-8f4a-5b6c7d8e9f00',
  topology: null,
  resolver: null,
  reason: 'x',
  createdAtMs: 1,
  expiresAtMs: 2e12,
};

await t.test('each write is announced when it is durable, and reads are not', async (t) => {
  const changes: Change[] = [];
  const log = announceWrites(await createActionLog({ path: t.testdir() }), (change) => changes.push(change));
  t.teardown(() => log.close());
  const announced = async (work: () => Promise<unknown>): Promise<Change[]> => {
    changes.length = 0;
    await work();
    return [...changes];
  };
  const action = scaleUpAction();
  const { id, topology } = action;
  const [{ operator, diagnosis }] = action.operators;
  const pair = { topology, operator, diagnosis, resolver: 'scale_up' } as const;
  const decision = { atMs: 1, ...pair, alertId: null, evidence: null };
  t.strictSame(
    await announced(() => log.claimAction(action, [{ ...decision, decision: 'act', reason: null, actionId: id }])),
    ['action', 'decision'],
  );
  t.strictSame(await announced(() => log.recordAttempt(id)), ['action']);
  t.strictSame(await announced(() => log.completeAction(id, 2, null)), ['action']);
  t.strictSame(await announced(() => log.judgeAction(id, 'resolved', 3)), ['action', 'blacklist']);
  t.strictSame(
    await announced(() => log.recordHold({ ...decision, decision: 'hold', reason: 'paused', actionId: null })),
    ['decision'],
  );
  t.strictSame(await announced(() => log.addPause(PAUSE)), ['pause']);
  t.strictSame(await announced(() => log.endPause(PAUSE.id, 5)), ['pause']);
  t.strictSame(await announced(() => log.addBlacklistRemoval({ ...pair, atMs: 6 })), ['blacklist']);
  t.strictSame(
    await announced(() => Promise.all([log.actions({}), log.decisions({}), log.openActions(), log.check()])),
    [],
  );
  t.equal((await log.action(id))?.outcome, 'resolved', 'the same log');
});

await t.test('a failed write is not announced', async (t) => {
  const changes: Change[] = [];
  const inner = await createActionLog({ path: t.testdir() });
  const log = announceWrites(inner, (change) => changes.push(change));
  await inner.close();
  await t.rejects(log.addPause(PAUSE));
  t.strictSame(changes, []);
});
