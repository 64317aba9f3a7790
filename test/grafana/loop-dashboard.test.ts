// The timelines of symptoms and diagnoses for a history with known, unknown and absent stretches.
import t from 'tap';
import { rangeOf, type RangeSeries, type Stretch } from '../support/dashboard-data.js';
import { panelsOf, readDashboards } from '../support/dashboards.js';
import { prometheusWithHistory, type History } from '../support/real-parts.js';

const T0 = 1_750_000_000;
const STEP = 10;
type Replica = 'a' | 'b';

/** Samples of a replica, one digit a step from T0; a dot: none. */
function historyOf(replica: Replica, name: string, labels: Readonly<Record<string, string>>, values: string): History {
  const samples = values
    .split('')
    .flatMap((value, index) => (value === '.' ? [] : ([[T0 + index * STEP, Number(value)]] as const)));
  return {
    name,
    labels: { job: 'dhalion', instance: `${replica}:10017`, topology: 'wordcount', operator: 'split', ...labels },
    samples,
  };
}

/** As the histories are written, with u for unknown. */
function drawn(series: RangeSeries | undefined, steps: number): string {
  const values = new Map(series?.values.map(([at, value]) => [at, value === '-1' ? 'u' : value]));
  return Array.from({ length: steps }, (_, index) => values.get(T0 + index * STEP) ?? '.').join('');
}

for (const [title, metric, label, value] of [
  ['Symptoms', 'dhalion_symptom', 'symptom', 'backpressure'],
  ['Diagnoses', 'dhalion_diagnosis', 'diagnosis', 'underprovisioning'],
] as const) {
  void t.test(`${title}: unknown is drawn for a present operator, and nothing for an absent one`, async (t) => {
    const known = (replica: Replica, values: string): History => historyOf(replica, metric, { [label]: value }, values);
    const { url } = await prometheusWithHistory(
      t,
      [
        known('a', '1100......00'),
        known('b', '.....1......'),
        historyOf('a', 'dhalion_operator_parallelism', {}, '44444...4444'),
        historyOf('b', 'dhalion_sensor_missing', { sensor: 'busy' }, '.....11.....'),
      ],
      { extraArgs: ['--query.lookback-delta=9s'] },
    );
    const panels = (await readDashboards()).flatMap(panelsOf);
    const targets = panels.find((panel) => panel.title === title)?.targets ?? [];
    const own = targets.filter(({ expr }) => expr.includes(`${label}="${value}"`));
    t.equal(own.length, 1);
    const stretch: Stretch = {
      prometheusUrl: url,
      topology: 'wordcount',
      from: T0,
      to: T0 + 11 * STEP,
      step: STEP,
      rateInterval: 60,
    };
    const series = await rangeOf(own[0]?.expr ?? '', stretch);
    t.strictSame(
      series.map(({ metric: labels }) => labels['operator']),
      ['split'],
      'in one row',
    );
    t.equal(drawn(series[0], 12), '1100u1u.uu00');
  });
}
