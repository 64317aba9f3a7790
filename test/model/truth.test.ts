import t from 'tap';
import { and, not, or, TRUTHS, truthOf } from '../../src/model/truth.js';

await t.test('what could not be evaluated is unknown, never no', (t) => {
  t.equal(truthOf(undefined), 'unknown');
  t.equal(truthOf(null), 'unknown');
  t.equal(truthOf(false), 'no');
  t.equal(truthOf(true), 'yes');
  t.end();
});

await t.test('the connectives follow the Kleene tables', (t) => {
  const conjunctions = TRUTHS.map((left) => TRUTHS.map((right) => and(left, right)).join(' '));
  t.strictSame(conjunctions, ['yes no unknown', 'no no no', 'unknown no unknown']);
  const disjunctions = TRUTHS.map((left) => TRUTHS.map((right) => or(left, right)).join(' '));
  t.strictSame(disjunctions, ['yes yes yes', 'yes no unknown', 'yes unknown unknown']);
  t.strictSame(TRUTHS.map(not), ['no', 'yes', 'unknown']);
  t.equal(and(), 'yes');
  t.equal(or(), 'no');
  t.end();
});
