// A log from a version with one operator for each action is read as plans of one operator.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ActionLog } from '../../src/action-log/action-log.js';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { LogReader } from '../../src/control-loop/log-reader.js';
import { createLogger } from '../../src/logger.js';
import { changeOfRevert } from '../../src/control-loop/claim-action.js';
import { AT_MS } from '../support/action-log-samples.js';
import { settingsWith } from '../support/measurements.js';
import { oldLogIn } from '../support/old-action-log.js';

const NOW_MS = AT_MS + 10_000;
const logger = createLogger({ level: 'error', format: 'json' }, { write: () => undefined });
const id = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`;

async function openOld(t: Test): Promise<ActionLog> {
  const path = t.testdir();
  oldLogIn(join(path, 'action-log.db')).close();
  const log = await createActionLog({ path });
  t.teardown(() => log.close());
  return log;
}

await t.test('every action is a plan of one operator, with its original reason', async (t) => {
  const log = await openOld(t);
  const actions = await log.actions({});
  t.strictSame(
    actions.map(({ operators }) => operators.map(({ operator, desiredParallelism: to }) => `${operator} ${to}`)),
    [['enrich 4'], ['split 4'], ['count 40'], ['count 2'], ['split 4'], ['split 3']],
  );
  t.match(await log.action(id(3)), {
    resolver: 'restart_instances',
    blamed: null,
    reason: { sourceBacklog: 20_000, offeredRate: 1800, missingSensors: ['source/busy'] },
    operators: [
      {
        diagnosis: 'slow_instances',
        currentParallelism: 2,
        operatorInstances: ['1'],
        reason: {
          suspendedRatio: 0.5,
          pendingPackets: 812.5,
          processingRate: 900,
          offeredRatio: null,
          expectedBusy: null,
          neededInstances: null,
        },
      },
    ],
  });
});

await t.test('its open actions continue: one settles, the other is sent as written', async (t) => {
  const log = await openOld(t);
  const [settling, due] = await log.openActions();
  t.match(settling, { id: id(5), state: 'completed', settling: { seenAtMs: AT_MS + 5700 } });
  t.match(
    settling?.settling,
    { engineWaitMs: null, changeSeenAtMs: null, heldUpBy: null },
    'fields that were not written',
  );
  t.match(due, { id: id(6), topology: 'billing', state: 'claimed', attempts: 0 });
  t.match(JSON.parse(due?.request.body ?? ''), { version: '1', operator: 'enrich', desired_parallelism: 4 });
  t.equal(await log.judgeAction(id(5), 'ineffective', NOW_MS, { blamed: ['split'] }), true);
  t.match(await log.action(id(5)), { outcome: 'ineffective', blamed: ['split'] });
  t.strictSame(
    (await log.undecidedAlerts(10)).map(({ operator }) => operator),
    ['count'],
  );
});

await t.test('its blacklist, refusals and ineffective actions are read', async (t) => {
  const log = await openOld(t);
  const all = { actionsSinceMs: 0, recentSinceMs: 0, tellingSinceMs: 0, refusedSinceMs: 0 };
  const recalled = await new LogReader(log, logger).recall({ nowMs: NOW_MS, ...all });
  t.match(
    recalled.candidates(() => settingsWith({}), NOW_MS),
    [{ id: id(1), operator: 'split', resolver: 'scale_down', cause: 'harmful', harmfulRatePerInstance: 300 }],
  );
  t.strictSame(
    recalled.idsInForce(() => settingsWith({}), NOW_MS),
    [id(1)],
  );
  t.equal(recalled.wasIneffective('wordcount', 'count', 'restart_instances', 0), true);
  t.equal(recalled.wasIneffective('wordcount', 'split', 'restart_instances', 0), false);
  t.match(recalled.refusedSince('wordcount', 'count', 'scale_up', 0), [{ refusal: { limits: { count: 32 } } }]);
  t.strictSame(recalled.askedFor('wordcount', 'split'), { parallelism: 4, atMs: AT_MS + 5000 });
});

await t.test('a harmful action in it is reverted like a plan of one operator', async (t) => {
  const log = await openOld(t);
  const harmful = await log.action(id(1));
  t.match(harmful === null ? null : changeOfRevert(harmful), {
    resolver: 'revert',
    reverts: id(1),
    operators: [{ operator: 'split', currentParallelism: 3, desiredParallelism: 4 }],
  });
  t.strictSame(await log.dueReverts(), [], 'it was undone');
});
