import t, { type Test } from 'tap';
import type { ActionLog } from '../../src/action-log/action-log.js';
import type { LoggedForgetOrder } from '../../src/action-log/log-entries.js';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { InstanceMemories } from '../../src/control-loop/instance-memories.js';
import { createLogger } from '../../src/logger.js';
import type { TopologyMemory } from '../../src/policy/notice-missing-instances.js';
import { AT_MS } from '../support/action-log-samples.js';

const LOGGER = createLogger({ level: 'error', format: 'json' }, { write: () => undefined });

function memoryOf(parallelisms: Readonly<Record<string, number>>): TopologyMemory {
  return new Map(
    Object.entries(parallelisms).map(([operator, parallelism]) => [
      operator,
      { parallelism, sinceMs: AT_MS, attempts: null },
    ]),
  );
}

async function logFor(t: Test): Promise<ActionLog> {
  const log = await createActionLog({ path: t.testdir() });
  t.teardown(() => log.close());
  return log;
}

/** The memories of a new process. */
async function memoriesOn(log: ConstructorParameters<typeof InstanceMemories>[0]): Promise<InstanceMemories> {
  const memories = new InstanceMemories(log, LOGGER);
  await memories.read(AT_MS);
  return memories;
}

await t.test('forgotten memories are returned, for one operator or for all, and others are unchanged', async (t) => {
  const log = await logFor(t);
  const memories = await memoriesOn(log);
  memories.set('orders', memoryOf({ split: 4, count: 3 }));
  memories.set('other', memoryOf({ split: 2 }));
  await memories.write(AT_MS);
  t.strictSame(await memories.forget({ topology: 'orders', operator: 'split' }, AT_MS), [
    { operator: 'split', parallelism: 4 },
  ]);
  t.strictSame(memories.of('orders'), memoryOf({ count: 3 }));
  t.strictSame(await memories.forget({ topology: 'orders', operator: 'split' }, AT_MS), [], 'it was forgotten before');
  t.strictSame(await memories.forget({ topology: 'orders', operator: null }, AT_MS), [
    { operator: 'count', parallelism: 3 },
  ]);
  t.strictSame((await memoriesOn(log)).of('orders'), undefined, 'the next start does not know it either');
  t.strictSame((await memoriesOn(log)).of('other'), memoryOf({ split: 2 }));
});

await t.test('memories that are not written yet are forgotten, too', async (t) => {
  const log = await logFor(t);
  const memories = await memoriesOn(log);
  memories.set('orders', memoryOf({ split: 4 }));
  const writing = memories.write(AT_MS);
  const forgotten = memories.forget({ topology: 'orders', operator: null }, AT_MS);
  t.strictSame(await forgotten, [{ operator: 'split', parallelism: 4 }]);
  await writing;
  memories.set('orders', memoryOf({ split: 2 }));
  await memories.write(AT_MS);
  t.strictSame((await memoriesOn(log)).of('orders'), memoryOf({ split: 2 }));
});

await t.test('a replica follows the orders to another one, once', async (t) => {
  const log = await logFor(t);
  const [asked, other] = [await memoriesOn(log), await memoriesOn(log)];
  for (const memories of [asked, other]) memories.set('orders', memoryOf({ split: 4, count: 3 }));
  await asked.write(AT_MS);
  await asked.forget({ topology: 'orders', operator: 'split' }, AT_MS);
  await other.read(AT_MS);
  t.strictSame(other.of('orders'), memoryOf({ count: 3 }));
  // At the next look.
  other.set('orders', memoryOf({ split: 2, count: 3 }));
  await other.read(AT_MS);
  t.strictSame(other.of('orders'), memoryOf({ split: 2, count: 3 }));
});

await t.test('an order that is committed after a later one is followed', async (t) => {
  const log = await logFor(t);
  const orders: LoggedForgetOrder[] = [];
  const memories = await memoriesOn({
    instanceMemories: () => log.instanceMemories(),
    rememberInstances: (rows, atMs) => log.rememberInstances(rows, atMs),
    forgetInstances: (order, atMs) => log.forgetInstances(order, atMs),
    forgetOrders: (afterId) => Promise.resolve(orders.filter(({ id }) => id > afterId)),
  });
  for (const topology of ['a', 'b']) memories.set(topology, memoryOf({ split: 4 }));
  orders.push({ id: 8, topology: 'b', operator: null });
  await memories.read(AT_MS);
  t.equal(memories.of('b')?.size, 0);
  orders.unshift({ id: 7, topology: 'a', operator: null });
  await memories.read(AT_MS);
  t.equal(memories.of('a')?.size, 0);
});

await t.test('orders before a start or a reload are not followed again', async (t) => {
  const log = await logFor(t);
  const before = await memoriesOn(log);
  before.set('orders', memoryOf({ split: 4 }));
  await before.forget({ topology: 'orders', operator: null }, AT_MS);
  before.set('orders', memoryOf({ split: 2 }));
  await before.read(AT_MS);
  before.set('orders', memoryOf({ split: 2 }));
  await before.write(AT_MS);
  const started = await memoriesOn(log);
  await started.read(AT_MS);
  t.strictSame(started.of('orders'), memoryOf({ split: 2 }));
  const reloaded = new InstanceMemories(log, LOGGER);
  reloaded.adopt(before);
  await reloaded.read(AT_MS);
  t.strictSame(reloaded.of('orders'), memoryOf({ split: 2 }));
});

await t.test('an order that cannot be written is refused, and nothing is forgotten', async (t) => {
  const log = await createActionLog({ path: t.testdir() });
  const memories = await memoriesOn(log);
  memories.set('orders', memoryOf({ split: 4 }));
  await log.close();
  await t.rejects(memories.forget({ topology: 'orders', operator: null }, AT_MS), { code: 'storage_unavailable' });
  t.strictSame(memories.of('orders'), memoryOf({ split: 4 }));
});
