// Rows as earlier versions wrote them.
import t from 'tap';
import { actionOf, actionRowOf } from '../../src/action-log/rows.js';
import { sampleAction } from '../support/action-log-samples.js';

await t.test('what an earlier version did not write about an operator is unknown', (t) => {
  const action = sampleAction({ state: 'completed' });
  const row = { ...actionRowOf(action), sequence: 1, leaseHolder: null, leaseUntilMs: null };
  t.match(row.operators, '"busiestRate"');
  const older = { ...row, operators: row.operators.replace(/"busiestRate":[^,]+,/, '') };
  const [operator] = actionOf(older).operators;
  t.equal(operator.reason.busiestRate, null);
  t.strictSame(
    actionOf(older),
    actionOf({ ...row, operators: row.operators.replace(/"busiestRate":[^,]+/, '"busiestRate":null') }),
  );
  t.end();
});
