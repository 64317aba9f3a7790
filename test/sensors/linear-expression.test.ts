import t from 'tap';
import { replaceSelectors } from '../../src/sensors/linear-expression.js';

const averaged = (expression: string): string | null =>
  replaceSelectors(expression, (selector) => `avg(${selector}[5m])`);

await t.test('an expression that is linear in its selectors is one of their averages', (t) => {
  const cases: readonly (readonly [string, string])[] = [
    ['a', 'avg(a[5m])'],
    ['a{x="1", y=~"b|c"} / 1000', 'avg(a{x="1", y=~"b|c"}[5m]) / 1000'],
    ['1e-3 * (a)', '1e-3 * (avg(a[5m]))'],
    ['{__name__="a", x!=""}', 'avg({__name__="a", x!=""}[5m])'],
    ['a or b{x="1"} or (c)', 'avg(a[5m]) or avg(b{x="1"}[5m]) or (avg(c[5m]))'],
    ['sum by (x, y) (a) / 2', 'sum by (x, y) (avg(a[5m])) / 2'],
    ['sum(a) by (x)', 'sum(avg(a[5m])) by (x)'],
    ['label_replace(a, "to", "$1", "from", "(.+)")', 'label_replace(avg(a[5m]), "to", "$1", "from", "(.+)")'],
    ['"a b"', 'null'],
  ];
  for (const [expression, expected] of cases) t.equal(averaged(expression) ?? 'null', expected);
  t.end();
});

await t.test('what is not provably linear is left to a sub-query', (t) => {
  const expressions = [
    'max by (x) (a)',
    'sum without (x) (a)',
    'sum(a)',
    'a / b',
    'a + 1',
    'a - b',
    'a * -1',
    'a * 0',
    '1 / a',
    'a > 0',
    'a and b',
    'a or on (x) b',
    'a unless b',
    'a offset 5m',
    'a @ 100',
    'rate(a[5m])',
    'clamp_min(a, 0)',
    'a[5m]',
    'avg_over_time(a[5m])',
    // The same labels under two names would make the range an error.
    '{__name__=~"a|b"}',
    '{x="1"}',
    'label_replace(max(a), "to", "$1", "from", "(.+)")',
    'label_join(a, "to", "-", "from")',
    // Not PromQL.
    'a /',
    'a b',
    '',
    '1',
    'time()',
  ];
  for (const expression of expressions) t.equal(averaged(expression), null, expression);
  t.end();
});

await t.test('comments keep their place', (t) => {
  t.equal(averaged('(a # why\n)'), '(avg(a[5m]) # why\n)');
  t.equal(averaged('a # a{x="1"}'), null, 'at the end of an expression that is in no parentheses');
  t.end();
});
