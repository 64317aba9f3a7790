import { once } from 'node:events';
import { existsSync, readFileSync, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { lockFolder } from '../../src/action-log/folder-lock.js';
import { systemClock } from '../../src/clock.js';
import { AT_MS, sampleAlert } from '../support/action-log-samples.js';
import { createFakeClock } from '../support/fake-clock.js';
import { spawnScript } from '../support/run-script.js';

const name = 'the action log';
const SINCE = '2025-06-15T15:06:40.000Z';

await t.test('a folder has one user at a time, and the error for the second names the first', async (t) => {
  const folder = join(t.testdir(), 'data');
  const clock = createFakeClock(AT_MS);
  const lock = await lockFolder(folder, { name, clock, pid: 123 });
  await t.rejects(lockFolder(folder, { name, clock, pid: 456 }), {
    code: 'storage_unavailable',
    message: `the action log is in use by process 123 on host ${hostname()}, since ${SINCE}`,
    retryable: true,
  });
  lock.verify();
  lock.release();
  const next = await lockFolder(folder, { name, clock });
  await t.rejects(lockFolder(folder, { name, clock }), { message: /in use by a process on host/ });
  next.release();
});

await t.test('a waiting process gets the folder as soon as it is free, and reports its user once', async (t) => {
  const folder = t.testdir();
  const clock = createFakeClock(AT_MS);
  const lock = await lockFolder(folder, { name, clock, pid: 123 });
  const told: string[] = [];
  const waiting = lockFolder(folder, {
    name,
    clock: {
      now: () => clock.now(),
      elapsed: () => clock.elapsed(),
      sleep: async (delayMs) => {
        await clock.sleep(delayMs);
        if (clock.slept.length === 3) lock.release();
      },
    },
    wait: { signal: new AbortController().signal, onWait: (holder) => told.push(holder) },
  });
  (await waiting).release();
  t.strictSame(told, [`process 123 on host ${hostname()}, since ${SINCE}`]);
  t.equal(clock.slept.length, 3);
});

await t.test('the wait ends when its signal aborts', async (t) => {
  const folder = t.testdir();
  const lock = await lockFolder(folder, { name, clock: systemClock });
  t.teardown(() => {
    lock.release();
  });
  const stopping = new AbortController();
  const wait = {
    signal: stopping.signal,
    onWait: () => {
      stopping.abort();
    },
  };
  await t.rejects(lockFolder(folder, { name, clock: systemClock, wait }), { message: /is in use by/ });
});

await t.test('a lock with a removed file is taken again, unless another process was faster', async (t) => {
  const folder = t.testdir();
  const lock = await lockFolder(folder, { name, clock: systemClock, pid: 1 });
  unlinkSync(join(folder, 'lock.db'));
  lock.verify();
  await t.rejects(lockFolder(folder, { name, clock: systemClock }), { message: /in use by process 1 / });
  unlinkSync(join(folder, 'lock.db'));
  const faster = await lockFolder(folder, { name, clock: systemClock, pid: 2 });
  t.throws(
    () => {
      lock.verify();
    },
    { code: 'storage_unavailable', message: /in use by process 2 / },
  );
  faster.release();
  lock.verify();
  lock.release();
});

await t.test('a killed process loses its lock', async (t) => {
  const path = t.testdir();
  const child = spawnScript('accept-until-killed.ts', path);
  await once(child.stdout, 'data');
  await t.rejects(createActionLog({ path }), { message: /action-log\.db is in use by/ });
  child.kill('SIGKILL');
  await once(child, 'close');
  const log = await createActionLog({ path });
  t.ok((await log.undecidedAlerts(1)).length > 0);
  await log.close();
});

await t.test('an action log locks its folder from opening to closing, and releases it if opening fails', async (t) => {
  const path = t.testdir({ 'action-log.db': 'somebody else\n'.repeat(500) });
  await t.rejects(createActionLog({ path }), { message: /is not an SQLite database/ });
  await t.rejects(createActionLog({ path }), { message: /is not an SQLite database/ });
  const folder = join(path, 'other');
  const log = await createActionLog({ path: folder, pid: 7 });
  await t.rejects(createActionLog({ path: folder }), { message: /is in use by process 7 / });
  t.match(JSON.parse(readFileSync(join(folder, 'lock-holder.json'), 'utf8')), { pid: 7, host: hostname() });
  await log.acceptAlerts([sampleAlert()], AT_MS);
  await log.close();
  await (await createActionLog({ path: folder })).close();
  t.ok(existsSync(join(folder, 'lock.db')));
});
