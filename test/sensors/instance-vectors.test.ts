import t from 'tap';
import { renderExpression, renderMatchers, renderPart, type QueryPart } from '../../src/sensors/instance-vectors.js';
import { engineOf } from '../support/sensing.js';

const FLINK = engineOf('flink');

void t.test('topologies are selected by one regex, after the engine’s own matchers', (t) => {
  const cases: [string, string[], string[], string][] = [
    ['', ['a.b', 'c'], [], 'job_name=~"a\\\\.b|c"'],
    ['cluster="x", ', ['a'], [], 'cluster="x", job_name=~"a"'],
    ['', [], ['p|q'], 'job_name!="", job_name=~"(?:p|q)"'],
    ['', ['"'], ['.*'], 'job_name!="", job_name=~"\\"|(?:.*)"'],
  ];
  for (const [matchers, labelValues, patterns, expected] of cases) {
    t.equal(renderMatchers({ ...FLINK, matchers }, { labelValues, patterns }), expected);
  }
  t.end();
});

void t.test('selecting nothing is refused, for it would select everything', (t) => {
  t.throws(() => renderMatchers(FLINK, { labelValues: [], patterns: [] }), /no topology is selected/);
  t.end();
});

void t.test('matchers are put in as they are, dollars included', (t) => {
  t.equal(renderExpression(' x{$matchers} + y{$matchers} ', 'a=~"$&$1"'), '(x{a=~"$&$1"} + y{a=~"$&$1"})');
  t.end();
});

void t.test('a comment at the end of an expression ends with its line', (t) => {
  t.equal(renderExpression('x # why', 'm'), '(x # why\n)');
  t.end();
});

const SCOPE = { engine: FLINK, windowMs: 300_000 };
const BY = 'max by (job_name, task_name, subtask_index)';
const LOWEST_BY = 'min by (job_name, task_name, subtask_index)';

void t.test('of a linear expression the samples in the window count', (t) => {
  const cases: readonly (readonly [QueryPart, string])[] = [
    ['mean', `${BY} ((avg_over_time(x[300s]) and x) / 1000)`],
    ['lowest', `${LOWEST_BY} (min_over_time(x[300s]) / 1000)`],
    ['slope', `${BY} ((deriv(x[300s]) unless (count_over_time(x[300s]) < 3)) / 1000)`],
    [
      'throughout',
      `${LOWEST_BY} (min_over_time(x[300s]) / 1000) and ${BY} (last_over_time(x[150s] offset 300s) / 1000)`,
    ],
  ];
  for (const [part, expected] of cases) t.equal(renderPart(SCOPE, 'x / 1000', part), expected);
  t.end();
});

void t.test('of any other expression its values at the steps of a sub-query count', (t) => {
  const now = `${BY} (x / y)`;
  const finite = `(${now} < Inf)`;
  const cases: readonly (readonly [QueryPart, string])[] = [
    ['mean', `(avg_over_time(${finite}[300s:15s]) and ${finite}) or (${now} unless ${finite})`],
    ['lowest', `min_over_time(${finite}[300s:15s])`],
    ['slope', `(deriv(${finite}[300s:15s]) unless (count_over_time(${finite}[300s:15s]) < 3))`],
    ['throughout', `min_over_time(${finite}[300s:15s]) and last_over_time(${finite}[150s:15s] offset 300s)`],
  ];
  for (const [part, expected] of cases) t.equal(renderPart(SCOPE, 'x / y', part), expected);
  t.end();
});
