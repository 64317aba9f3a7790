import t from 'tap';
import type { VectorSample } from '../../src/sensors/prometheus-answer.js';
import { compareReplies, renderComparisons, type Comparison, type Difference } from './compare-answers.js';

const sample = (value: number, labels: Record<string, string> = { task: 'a' }): VectorSample => ({ labels, value });

await t.test('answers are the same whatever the order of series and labels, and in the last digit', (t) => {
  const [one, other] = [
    { task: 'a', job: 'x' },
    { job: 'x', task: 'a', empty: '' },
  ];
  const cases: readonly (readonly [Difference, readonly VectorSample[] | string, readonly VectorSample[] | string])[] =
    [
      ['none', [], []],
      ['none', [sample(1, one), sample(2)], [sample(2), sample(1, other)]],
      ['none', [sample(0.1 + 0.2)], [sample(0.3)]],
      ['none', [sample(NaN), sample(Infinity, one)], [sample(NaN), sample(Infinity, one)]],
      ['values', [sample(1)], [sample(1.0001)]],
      ['values', [sample(1)], [sample(NaN)]],
      ['values', [sample(Infinity)], [sample(1)]],
      ['series', [sample(1)], []],
      ['series', [], [sample(1)]],
      ['series', [sample(1)], [sample(1, { task: 'b' })]],
      ['series', [sample(1)], [sample(1), sample(1)]],
      ['fault', [sample(1)], '422: duplicate output timeseries'],
      ['fault', 'timeout', 'timeout'],
    ];
  for (const [difference, expected, found] of cases) t.equal(compareReplies(expected, found), difference);
  t.end();
});

await t.test('the table says at how many instants the answers were the same, and how the others differ', (t) => {
  const all = (server: string, purpose: string, differences: readonly Difference[]): Comparison[] =>
    differences.map((difference) => ({ server, engine: 'flink', purpose, difference, series: 3 }));
  t.equal(
    renderComparisons([
      ...all('Prometheus 3', 'busy', ['none', 'none']),
      ...all('VictoriaMetrics', 'busy', ['none', 'values']),
      ...all('Prometheus 3', 'presence', ['none', 'none']),
      ...all('VictoriaMetrics', 'presence', ['fault', 'series']),
    ]),
    [
      '| engine | query | series | Prometheus 3 | VictoriaMetrics |',
      '| --- | --- | --- | --- | --- |',
      '| `flink` | busy | 3 | 2 of 2 | 1 of 2 (1 values) |',
      '| `flink` | presence | 3 | 2 of 2 | 0 of 2 (1 series, 1 fault) |',
    ].join('\n'),
  );
  t.end();
});
