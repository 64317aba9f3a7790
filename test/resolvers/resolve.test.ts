import t from 'tap';
import { chooseResolver, planAction, withinScope } from '../../src/resolvers/resolve.js';
import { flinkTopology, settingsWith } from '../support/measurements.js';
import { linesOf, planContextOf } from '../support/plans.js';

await t.test('a restart or a rebalance without a webhook, or an ineffective one, is replaced by scale_up', (t) => {
  const status = (isSupported: boolean, wasIneffective: boolean) => () => ({ isSupported, wasIneffective });
  t.equal(chooseResolver('slow_instances', status(true, false)), 'restart_instances');
  t.equal(chooseResolver('slow_instances', status(false, false)), 'scale_up');
  t.equal(chooseResolver('data_skew', status(true, false)), 'rebalance');
  t.equal(chooseResolver('data_skew', status(true, true)), 'scale_up');
  t.equal(chooseResolver('overprovisioning', status(false, true)), 'scale_down');
  t.end();
});

await t.test('a restart names the instances, of every operator that has slow ones, and changes no parallelism', (t) => {
  const topology = flinkTopology({
    source: { source: true, backpressure: [0.8] },
    split: { inputs: ['source'], parallelism: 3, backpressure: [0.6] },
    count: { inputs: ['split'], parallelism: 2 },
  });
  const slow = (operator: string, ...operatorInstances: string[]) => {
    return { operator, diagnosis: { diagnosis: 'slow_instances', operatorInstances } as const };
  };
  const plan = planAction(
    'restart_instances',
    [slow('split', '1'), slow('count', '0')],
    new Set(),
    planContextOf(topology),
  );
  t.same(plan, {
    resolver: 'restart_instances',
    operators: [
      {
        operator: 'count',
        diagnosis: 'slow_instances',
        currentParallelism: 2,
        desiredParallelism: 2,
        operatorInstances: ['0'],
      },
      {
        operator: 'split',
        diagnosis: 'slow_instances',
        currentParallelism: 3,
        desiredParallelism: 3,
        operatorInstances: ['1'],
      },
    ],
  });
  t.equal(planAction('restart_instances', [], new Set(), planContextOf(topology)), null);
  t.end();
});

await t.test('with one operator at a time, it is the most urgent one, with the size of the plan', (t) => {
  const topology = flinkTopology({
    kafka: { source: true, rate: [50], busy: [0.1], backpressure: [0.975], backlog: 0, backlogSlope: 950 },
    split: { inputs: ['kafka'], rate: [50], busy: [0.5], backpressure: [0.5] },
    count: { inputs: ['split'], rate: [500], busy: [1], pending: [90] },
  });
  const asking = ['split', 'count'].map((operator) => {
    return { operator, diagnosis: { diagnosis: 'underprovisioning', operatorInstances: [] } as const };
  });
  const plan = planAction('scale_up', asking, new Set(), planContextOf(topology));
  t.equal(linesOf(plan), 'count 1 → 24, split 1 → 12');
  t.equal(plan && linesOf(withinScope(plan, settingsWith({ plan: 'operator' }))), 'count 1 → 24');
  t.equal(plan && linesOf(withinScope(plan, settingsWith({}))), 'count 1 → 24, split 1 → 12');
  t.end();
});
