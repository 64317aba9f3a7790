// Remembered instances: replaced, forgotten by order, and the orders for other replicas.
import type { TopologyMemory } from '../../src/policy/notice-missing-instances.js';
import { AT_MS } from '../support/action-log-samples.js';
import type { TestOn } from './contract-harness.js';

const memoryOf = (parallelism: number, attempts: ReadonlyMap<string, string> | null = null) => ({
  parallelism,
  sinceMs: AT_MS,
  attempts,
});

export async function testForgetting(testOn: TestOn): Promise<void> {
  await testOn('remembered instances are returned as last written', async (t, log, open) => {
    const attempts = new Map([['0', 'a1']]);
    await log.rememberInstances(
      [
        { topology: 'orders', operator: 'split', ...memoryOf(4) },
        { topology: 'orders', operator: 'count', ...memoryOf(3) },
      ],
      AT_MS,
    );
    await log.rememberInstances([{ topology: 'orders', operator: 'split', ...memoryOf(5, attempts) }], AT_MS);
    const expected: ReadonlyMap<string, TopologyMemory> = new Map([
      [
        'orders',
        new Map([
          ['split', memoryOf(5, attempts)],
          ['count', memoryOf(3)],
        ]),
      ],
    ]);
    t.same(await log.instanceMemories(), expected);
    await log.close();
    const again = await open();
    t.same(await again.instanceMemories(), expected);
    await again.close();
  });

  await testOn('an order to forget returns the forgotten memories, and is listed for others', async (t, log) => {
    const row = (topology: string, operator: string) => ({ topology, operator, ...memoryOf(4) });
    await log.rememberInstances([row('orders', 'split'), row('orders', 'count'), row('other', 'split')], AT_MS);
    const [one, all] = [
      { topology: 'orders', operator: 'split' },
      { topology: 'orders', operator: null },
    ];
    t.strictSame(await log.forgetInstances(one, AT_MS), [{ operator: 'split', parallelism: 4 }]);
    t.strictSame(await log.forgetInstances(one, AT_MS), []);
    t.strictSame(await log.forgetInstances(all, AT_MS + 5), [{ operator: 'count', parallelism: 4 }]);
    t.strictSame([...(await log.instanceMemories()).keys()], ['other']);
    const orders = await log.forgetOrders(0);
    t.strictSame(
      orders.map(({ id: _, ...order }) => order),
      [one, one, all],
    );
    t.strictSame(await log.forgetOrders(orders[1]?.id ?? 0), orders.slice(2));
    await log.prune(AT_MS + 5, []);
    t.strictSame(await log.forgetOrders(-100), orders.slice(2), 'old orders are pruned');
  });
}
