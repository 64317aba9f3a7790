import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Change } from '../src/model/change.js';
import { actDecisions, sampleAction, sampleAlert } from './support/action-log-samples.js';
import { configurationWith, createManager } from './support/health-managers.js';

const NOBODY = '00000000-0000-4000-8000-00000000dead';
const HOUR_MS = 3_600_000;

await t.test('a configured topology is listed at once, and no other is', async (t) => {
  const { manager } = await createManager(t, configurationWith('wordcount', 'sentences'));
  const { service } = manager;
  t.match(await service.topologies(), [
    { topology: 'sentences', evaluation: null, openAction: null },
    { topology: 'wordcount', mode: 'observe', evaluation: null },
  ]);
  t.match(await service.topology('wordcount'), { topology: 'wordcount', engine: 'flink' });
  t.equal(await service.topology('splot'), null);
  t.equal(await service.history('splot', null), null);
  t.equal(await service.forgetInstances({ topology: 'wordcount', operator: 'splot' }), null);
});

await t.test('orders of people are stored, announced, and shown at once', async (t) => {
  const { manager, log } = await createManager(t, configurationWith('wordcount'));
  const { service } = manager;
  const changes: Change[] = [];
  service.onChange((change) => void changes.push(change));
  const action = sampleAction({ claimedAtMs: Date.now() });
  await log.claimAction(action, actDecisions(action));
  t.match(await service.topology('wordcount'), { openAction: { id: action.id } });
  t.equal(await service.cancelAction(action.id), 'cancelled');
  t.equal(await service.cancelAction(action.id), 'over');
  t.equal(await service.cancelAction(NOBODY), 'unknown');
  t.match(await service.topologies(), [{ openAction: null }]);
  const pause = await service.addPause({ topology: null, resolver: null, durationMs: HOUR_MS, reason: 'a release' });
  t.match(await log.pauses(Date.now()), [{ id: pause.id }]);
  t.ok(await service.endPause(pause.id));
  t.notOk(await service.endPause(pause.id));
  t.strictSame([...new Set(changes)], ['action', 'pause']);
});

await t.test('a person removes exactly one entry from the blacklist', async (t) => {
  const { manager, log } = await createManager(t, configurationWith('wordcount'));
  const { service } = manager;
  for (const operator of ['split', 'count']) {
    const claimedAtMs = Date.now();
    const harmful = sampleAction({ operator, diagnosis: 'overprovisioning', resolver: 'scale_down', claimedAtMs });
    await log.claimAction(harmful, actDecisions(harmful));
    await log.judgeAction(harmful.id, 'harmful', claimedAtMs);
  }
  const entries = await service.blacklist();
  t.same(entries.map(({ operator }) => operator).sort(), ['count', 'split']);
  const split = entries.find(({ operator }) => operator === 'split');
  t.ok(await service.removeBlacklistEntry(split?.id ?? ''));
  t.notOk(await service.removeBlacklistEntry(split?.id ?? ''));
  t.match(await service.blacklist(), [{ operator: 'count' }]);
});

await t.test('while the log does not answer, scrapes have its last values, and no alert is accepted', async (t) => {
  const { manager, log } = await createManager(t, configurationWith('wordcount'));
  const { service } = manager;
  const action = sampleAction({ claimedAtMs: Date.now() });
  await log.claimAction(action, actDecisions(action));
  const inFlight = async (): Promise<string[]> =>
    (await service.metricsText()).rest.split('\n').filter((line) => line.startsWith('dhalion_action_in_flight{'));
  const before = await inFlight();
  t.equal(before.length, 1);
  await log.close();
  t.strictSame(await inFlight(), before);
  await t.rejects(service.acceptAlerts([sampleAlert()]), { code: 'storage_unavailable' });
  t.equal((await service.problems()).length, 1);
});

await t.test('a waiting alert is decided after the first look, even one without series', async (t) => {
  const { manager, log } = await createManager(t, configurationWith('wordcount'));
  const { service } = manager;
  await service.acceptAlerts([sampleAlert({ topology: 'wordcount' }), sampleAlert({ topology: 'rack7' })]);
  t.strictSame(await log.decisions({}), [], 'nothing is decided before a look');
  manager.start();
  let decisions = await log.decisions({});
  while (decisions.length < 2) {
    await sleep(10);
    decisions = await log.decisions({});
  }
  t.same(decisions.map(({ topology, reason }) => `${topology} ${String(reason)}`).sort(), [
    'rack7 unknown_topology',
    'wordcount observe_only',
  ]);
});
