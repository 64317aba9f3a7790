import t from 'tap';
import { factsOf } from '../../src/control-loop/action-facts.js';
import { actionWith, operatorWith } from '../support/actions.js';

await t.test('a log line about a plan names all its operators; for one operator it is as before', (t) => {
  const one = {
    topology: 'wordcount',
    operator: 'split',
    resolver: 'scale_up',
    diagnosis: 'underprovisioning',
    current_parallelism: 2,
    desired_parallelism: 4,
    action_id: '00000000-0000-4000-8000-000000000001',
  };
  t.strictSame(factsOf(actionWith()), one);
  const operators = [
    operatorWith(),
    operatorWith({ operator: 'count', currentParallelism: 1, desiredParallelism: 24 }),
    operatorWith({ operator: 'sink', currentParallelism: 3, desiredParallelism: 5 }),
  ] as const;
  t.strictSame(factsOf(actionWith({ operators })), { ...one, also: 'count 1 → 24, sink 3 → 5' });
  t.end();
});
