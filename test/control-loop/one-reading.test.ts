// Each step of the loop reads the action log once, and passes its reading on.
import t from 'tap';
import { wordCountSpec } from '../../src/simulator/word-count.js';
import { createClosedLoop } from '../support/closed-loop.js';

/** The queries for a batch of alerts, a tick or a settling look. */
const RECALL = ['actions', 'actions', 'openActions', 'tellingActions', 'refusedActions', 'blacklistRemovals', 'pauses'];
const SPEC = wordCountSpec({ sourceKind: 'push', split: { parallelism: 1 }, count: { parallelism: 20 } });

await t.test(
  'a batch of alerts reads the log once, and its action reads the pauses again before it is sent',
  async (t) => {
    const calls: string[] = [];
    const loop = await createClosedLoop({ spec: SPEC, engine: 'flink', onLogCall: (method) => calls.push(method) });
    t.teardown(() => loop.close());
    while ((await loop.actions()).length === 0) {
      calls.length = 0;
      await loop.run(15);
    }
    const batch = calls.slice(calls.indexOf('acceptAlerts'), calls.indexOf('leaseAction'));
    t.strictSame(batch, [
      'acceptAlerts',
      'undecidedAlerts',
      ...RECALL,
      ...['forgetOrders', 'claimAction', 'undecidedAlerts', 'openActions'],
    ]);
    t.equal(calls.filter((method) => method === 'pauses').length - 1, 2, 'before the first attempt, and with it');
  },
);
