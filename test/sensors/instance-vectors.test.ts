import t from 'tap';
import { renderExpression, renderMatchers, renderWindowMean } from '../../src/sensors/instance-vectors.js';
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

void t.test('a window mean is of instances that are present now', (t) => {
  const scope = { engine: FLINK, windowMs: 300_000, matchers: 'm' };
  const now = 'max by (job_name, task_name, subtask_index) (x) < Inf';
  const expected = `avg_over_time((${now})[300s:15s]) and on (job_name, task_name, subtask_index) (${now})`;
  t.equal(renderWindowMean(scope, 'x'), expected);
  t.end();
});
