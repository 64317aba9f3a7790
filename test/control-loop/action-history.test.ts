import t from 'tap';
import { ActionHistory } from '../../src/control-loop/action-history.js';
import { createLogger } from '../../src/logger.js';
import type { ActionLog, Blame, Failed } from '../../src/action-log/action-log.js';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import type { Action } from '../../src/model/action.js';
import type { Outcome } from '../../src/model/outcome.js';
import type { Pause } from '../../src/model/pause.js';
import { actDecisions, sampleAction } from '../support/action-log-samples.js';
import { operatorWith } from '../support/actions.js';
import { scaleUpAction } from '../support/evaluations.js';
import { PAUSE_ID } from '../support/http-service.js';

const NOW_MS = 1_700_000_000_000;
const RECALL = { nowMs: NOW_MS, recentSinceMs: 0, countedSinceMs: 0, refusedSinceMs: 0 };
const PAUSE: Pause = {
  id: PAUSE_ID,
  topology: null,
  resolver: null,
  reason: 'x',
  createdAtMs: NOW_MS,
  expiresAtMs: NOW_MS + 60_000,
};
const logger = createLogger({ level: 'error', format: 'json' }, { write: () => undefined });

/** A log whose lists of pauses are answered when the test wants it. */
function slowLog() {
  const answers: { resolve: (pauses: Pause[]) => void; reject: (error: Error) => void }[] = [];
  const none = () => Promise.resolve([]);
  const pauses = () => new Promise<Pause[]>((resolve, reject) => void answers.push({ resolve, reject }));
  const log = {
    actions: none,
    openActions: none,
    countedActions: none,
    refusedActions: none,
    blacklistRemovals: none,
    pauses,
  };
  return { history: new ActionHistory(log as unknown as ActionLog, logger), answers };
}

await t.test(
  'a reading that began before a pause and ends after the next one does not take the pause back',
  async (t) => {
    const { history, answers } = slowLog();
    const readings = [history.recall(RECALL), history.recall(RECALL)];
    answers[1]?.resolve([PAUSE]);
    await readings[1];
    answers[0]?.resolve([]);
    await readings[0];
    t.ok(history.isPaused('any', 'scale_up', NOW_MS));
  },
);

await t.test('nor does one that fails then make what was read since untrustworthy', async (t) => {
  const { history, answers } = slowLog();
  const readings = [history.recall(RECALL), history.recall(RECALL)];
  answers[1]?.resolve([PAUSE]);
  await readings[1];
  answers[0]?.reject(new Error('timeout'));
  await readings[0];
  t.ok(history.isCurrent);
  const last = history.recall(RECALL);
  answers[2]?.reject(new Error('gone'));
  await last;
  t.notOk(history.isCurrent, 'the newest one does');
});

await t.test('what another process has claimed is open here too, until it is judged, however old it is', async (t) => {
  const path = t.testdir();
  const log = await createActionLog({ path });
  t.teardown(() => log.close());
  const action = scaleUpAction();
  await log.claimAction(action, actDecisions(action));
  const history = new ActionHistory(log, logger);
  const recall = { nowMs: NOW_MS, recentSinceMs: NOW_MS, countedSinceMs: NOW_MS, refusedSinceMs: NOW_MS };
  t.strictSame(history.openActions(action.topology), [], 'it has not been read yet');
  await history.recall(recall);
  t.match(history.openActions(action.topology), [
    { id: action.id, operators: [{ desiredParallelism: action.operators[0].desiredParallelism }] },
  ]);
  t.strictSame(history.openActions('another'), []);
  await log.judgeAction(action.id, 'cancelled', NOW_MS);
  await history.recall(recall);
  t.strictSame(history.openActions(action.topology), []);
});

await t.test('what failed, or was never sent, is no sign that an operator runs with what was asked for', async (t) => {
  const judged = (more: Partial<Action>): Action => sampleAction({ state: 'judged', ...more });
  const tables: readonly (readonly [string, Partial<Action>, number | null])[] = [
    ['refused', { outcome: 'failed' }, null],
    ['cancelled before it was sent', { outcome: 'cancelled' }, null],
    ['cancelled after it was sent', { outcome: 'cancelled', attempts: 1 }, 4],
    ['carried out, and lost sight of', { outcome: 'failed', completedAtMs: NOW_MS }, 4],
    ['not applied', { outcome: 'not_applied', completedAtMs: NOW_MS }, 4],
    ['resolved', { outcome: 'resolved', completedAtMs: NOW_MS }, 4],
  ];
  for (const [title, more, asked] of tables) {
    const none = () => Promise.resolve([]);
    const log = {
      actions: () => Promise.resolve([judged(more)]),
      openActions: none,
      countedActions: none,
      refusedActions: none,
      blacklistRemovals: none,
      pauses: none,
    };
    const history = new ActionHistory(log as unknown as ActionLog, logger);
    await history.recall(RECALL);
    t.equal(history.askedFor('wordcount', 'split')?.parallelism ?? null, asked, title);
  }
});

await t.test('of a plan each operator has its own past', async (t) => {
  const path = t.testdir();
  const log = await createActionLog({ path });
  t.teardown(() => log.close());
  const operators = [
    operatorWith({ operator: 'split', desiredParallelism: 12 }),
    operatorWith({ operator: 'count', desiredParallelism: 24 }),
  ] as const;
  const history = new ActionHistory(log, logger);
  const judged = async (action: Action, outcome: Outcome, because?: Failed | Blame): Promise<void> => {
    await log.claimAction(action, actDecisions(action));
    await log.recordAttempt(action.id);
    await log.completeAction(action.id, NOW_MS, null);
    await log.judgeAction(action.id, outcome, NOW_MS, because);
  };
  await judged(sampleAction({ operators, claimedAtMs: NOW_MS }), 'ineffective', { blamed: ['split'] });
  const refusal = { webhookMark: 'mark', limits: { count: 20 } };
  await judged(sampleAction({ operators, claimedAtMs: NOW_MS + 1 }), 'failed', { failure: 'too much', refusal });
  await history.recall(RECALL);
  t.strictSame(history.askedFor('wordcount', 'split')?.parallelism, 12);
  t.strictSame(history.askedFor('wordcount', 'count')?.parallelism, 24);
  t.equal(history.askedFor('wordcount', 'source'), null);
  t.ok(history.wasIneffective('wordcount', 'split', 'scale_up', 0));
  t.notOk(history.wasIneffective('wordcount', 'count', 'scale_up', 0), 'it was a follower: it is not to blame');
  for (const operator of ['split', 'count']) {
    t.match(history.refusedSince('wordcount', operator, 'scale_up', 0), [{ refusal }], 'both were refused');
  }
  t.strictSame(history.refusedSince('wordcount', 'source', 'scale_up', 0), []);
});
