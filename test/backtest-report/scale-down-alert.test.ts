// The alert in simulated time agrees with the shipped rule in Prometheus.
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { stringify } from 'yaml';
import { ALERT_WAITS, OVERPROVISIONED_RANGE_MS } from '../../src/backtest-report/backtest-actions.js';
import { ScaleDownAlert } from '../../src/backtest-report/scale-down-alert.js';
import type { TopologyEvaluation } from '../../src/model/evaluation.js';
import type { Truth } from '../../src/model/truth.js';
import { operatorEvaluation, operatorMeasurement, topologyEvaluation } from '../support/evaluations.js';
import { runTool } from '../support/real-parts.js';

const SCRAPE_MS = 30_000;
const SCRAPES = 400;

/** What a scrape sees of operator `count`. */
interface Seen {
  readonly truth: Truth;
  /** null: unknown. */
  readonly parallelism: number | null;
}

/** Values that last for a while each. */
function lasting<Value>(
  longest: number,
  ...values: readonly fc.WeightedArbitrary<Value>[]
): fc.Arbitrary<readonly Value[]> {
  const stretch = fc.record({ value: fc.oneof(...values), scrapes: fc.integer({ min: 1, max: longest }) });
  return fc
    .array(stretch, { minLength: SCRAPES, maxLength: SCRAPES })
    .map((stretches) => stretches.flatMap(({ value, scrapes }) => Array<Value>(scrapes).fill(value)));
}

const history: fc.Arbitrary<readonly Seen[]> = fc
  .tuple(
    lasting<Truth>(
      40,
      { weight: 10, arbitrary: fc.constant('yes') },
      { weight: 1, arbitrary: fc.constant('no') },
      { weight: 4, arbitrary: fc.constant('unknown') },
    ),
    lasting<number | null>(
      120,
      { weight: 3, arbitrary: fc.constant(8) },
      { weight: 2, arbitrary: fc.constant(4) },
      { weight: 4, arbitrary: fc.constant(null) },
    ),
  )
  .map(([truths, parallelisms]) =>
    truths.slice(0, SCRAPES).map((truth, index) => ({ truth, parallelism: parallelisms[index] ?? null })),
  );

function evaluationOf({ truth, parallelism }: Seen): TopologyEvaluation {
  const operator = operatorEvaluation('count', {
    measurement: operatorMeasurement('count', { parallelism }),
    diagnoses: truth === 'yes' ? [{ diagnosis: 'overprovisioning', operatorInstances: [] }] : [],
    unknownDiagnoses: truth === 'unknown' ? ['overprovisioning'] : [],
  });
  return topologyEvaluation('job', [operator]);
}

/** Whether the alert fires, at each scrape. */
function firingIn(seen: readonly Seen[]): readonly boolean[] {
  const alert = new ScaleDownAlert(OVERPROVISIONED_RANGE_MS, SCRAPE_MS);
  return seen.map((one, index) => {
    const atMs = index * SCRAPE_MS;
    alert.add(atMs, evaluationOf(one));
    const sinceMs = alert.activeSinceMs('count');
    return sinceMs !== null && atMs - sinceMs >= ALERT_WAITS.overprovisioning.forMs;
  });
}

/** In promtool's notation; a scrape without a value marks the series as stale. */
function valuesOf(values: readonly (number | null)[]): string {
  return values.map((value, index) => value ?? (index > 0 && values[index - 1] !== null ? 'stale' : '_')).join(' ');
}

await t.test('it fires when the rule does', async (t) => {
  const histories = fc.sample(history, { seed: 1, numRuns: 40 });
  const firing = histories.map(firingIn);
  const series = histories.flatMap((seen, index) => [
    {
      series: `dhalion_diagnosis{topology="t${index}", operator="count", diagnosis="overprovisioning"}`,
      values: valuesOf(seen.map(({ truth }) => (truth === 'unknown' ? null : Number(truth === 'yes')))),
    },
    {
      series: `dhalion_operator_parallelism{topology="t${index}", operator="count"}`,
      values: valuesOf(seen.map(({ parallelism }) => parallelism)),
    },
  ]);
  const expected = Array.from({ length: SCRAPES }, (_, scrape) => ({
    expr: 'count by (topology) (ALERTS{alertname="DhalionOverprovisioned", alertstate="firing"})',
    eval_time: `${(scrape * SCRAPE_MS) / 1000}s`,
    exp_samples: firing.flatMap((fires, index) =>
      fires[scrape] === true ? [{ labels: `{topology="t${index}"}`, value: 1 }] : [],
    ),
  }));
  const tests = [{ interval: '30s', input_series: series, promql_expr_test: expected }];
  const file = join(t.testdir(), 'alert.test.yml');
  await writeFile(
    file,
    stringify({ rule_files: [resolve('rules/dhalion-alerts.yml')], evaluation_interval: '30s', tests }),
  );
  const result = await runTool('promtool', ['test', 'rules', file]);
  t.equal(result.code, 0, result.output.slice(0, 2000));
  const all = firing.flat();
  t.ok(all.filter(Boolean).length > all.length / 20, 'some fire');
});
