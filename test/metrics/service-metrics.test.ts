import t from 'tap';
import { METRIC_CATALOGUE, OMITTED_NODE_METRICS, SERVICE_METRICS } from '../../src/metrics/metric-catalogue.js';
import { createServiceMetrics, type ServiceMetrics } from '../../src/metrics/service-metrics.js';
import { HOLD_REASONS } from '../../src/model/decision.js';
import { operatorEvaluation, topologyEvaluation } from '../support/evaluations.js';
import { parseExposition, promtoolComplaints, valuesOf, type Series } from '../support/exposition.js';
import { renderScrape } from '../support/scrapes.js';

const BUILD = { version: '1.2.3', revision: 'abc', nodeVersion: 'v20.0.0' };

async function seriesOf(metrics: ServiceMetrics): Promise<Series[]> {
  return parseExposition(await metrics.text());
}

function recordOneOfEach(metrics: ServiceMetrics): void {
  metrics.setEngines(['flink']);
  metrics.recordTopologies(['w"c'], 1_700_000_000_000);
  metrics.recordAction({
    topology: 'w"c',
    operators: [{ operator: 'split' }],
    resolver: 'scale_up',
    outcome: 'resolved',
  });
  metrics.recordHold('w"c', 'cooldown');
  metrics.recordAlerts(
    { accepted: [{ status: 'firing' }, { status: 'firing' }], ignored: new Map([['not_ours', 3]]) },
    1_700_000_000_000,
  );
  // Of others' alerts, which say nothing of ours.
  metrics.recordAlerts({ accepted: [], ignored: new Map() }, 1_700_000_900_000);
  metrics.recordRefusal(413);
  metrics.recordWebhookRequest({ webhook: 'scaler', code: 200, durationMs: 30 });
  metrics.recordWebhookRequest({ webhook: 'scaler', code: 'call_timeout', durationMs: 10_000 });
  metrics.recordEvaluation({ engine: 'flink', atMs: 1_700_000_000_000, durationMs: 400, failure: null });
  metrics.recordEvaluation({
    engine: 'flink',
    atMs: 1_700_000_300_000,
    durationMs: 700,
    failure: 'prometheus_timeout',
  });
  metrics.setPrometheusUp(true);
  metrics.setPrometheusClockSkew(-1500);
  metrics.setStorageUp(false);
  metrics.recordConfigLoad(true, 1_700_000_000_000);
}

await t.test('recorded events are exported', async (t) => {
  const metrics = createServiceMetrics(BUILD);
  recordOneOfEach(metrics);
  const series = await seriesOf(metrics);
  const value = (name: string, labels: Record<string, string> = {}): number[] => valuesOf(series, name, labels);
  t.strictSame(value('dhalion_build_info', { version: '1.2.3', revision: 'abc', node_version: 'v20.0.0' }), [1]);
  t.strictSame(value('dhalion_actions_total', { topology: 'w"c', resolver: 'scale_up', outcome: 'resolved' }), [1]);
  t.strictSame(value('dhalion_holds_total', { topology: 'w"c', reason: 'cooldown' }), [1]);
  t.strictSame(value('dhalion_alerts_received_total', { status: 'firing' }), [2]);
  t.strictSame(value('dhalion_alerts_received_total', { status: 'resolved' }), [0]);
  t.strictSame(value('dhalion_alerts_ignored_total', { reason: 'not_ours' }), [3]);
  t.strictSame(value('dhalion_alerts_ignored_total', { reason: 'truncated' }), [0]);
  t.strictSame(value('dhalion_last_notification_timestamp_seconds'), [1_700_000_000]);
  t.strictSame(value('dhalion_notifications_refused_total', { code: '413' }), [1]);
  t.strictSame(value('dhalion_notifications_refused_total', { code: '503' }), [0]);
  t.strictSame(value('dhalion_webhook_requests_total', { webhook: 'scaler', code: '200' }), [1]);
  t.strictSame(value('dhalion_webhook_requests_total', { webhook: 'scaler', code: 'call_timeout' }), [1]);
  t.strictSame(value('dhalion_webhook_request_duration_seconds_bucket', { code: '200', le: '0.025' }), [0]);
  t.strictSame(value('dhalion_webhook_request_duration_seconds_bucket', { code: '200', le: '0.05' }), [1]);
  t.strictSame(value('dhalion_evaluations_total', { engine: 'flink' }), [2]);
  t.strictSame(value('dhalion_evaluation_failures_total', { engine: 'flink', reason: 'prometheus_timeout' }), [1]);
  t.strictSame(value('dhalion_evaluation_failures_total', { engine: 'flink', reason: 'prometheus_rejected' }), [0]);
  t.strictSame(value('dhalion_evaluation_duration_seconds_sum', { engine: 'flink' }), [1.1]);
  t.strictSame(value('dhalion_last_evaluation_timestamp_seconds'), [1_700_000_000], 'a failed one does not count');
  t.strictSame(value('dhalion_prometheus_up'), [1]);
  t.strictSame(value('dhalion_storage_up'), [0]);
  t.strictSame(value('dhalion_config_last_reload_successful'), [1]);
  t.strictSame(value('dhalion_config_last_reload_success_timestamp_seconds'), [1_700_000_000]);
});

await t.test('values that are not yet known are absent', async (t) => {
  const series = await seriesOf(createServiceMetrics(BUILD));
  for (const name of [
    'dhalion_prometheus_up',
    'dhalion_storage_up',
    'dhalion_config_last_reload_successful',
    'dhalion_config_last_reload_success_timestamp_seconds',
    'dhalion_last_evaluation_timestamp_seconds',
  ]) {
    t.strictSame(valuesOf(series, name), [], name);
  }
});

await t.test('a refused configuration leaves the time of the last good one', async (t) => {
  const metrics = createServiceMetrics(BUILD);
  metrics.recordConfigLoad(true, 5000);
  metrics.recordConfigLoad(false, 9000);
  const series = await seriesOf(metrics);
  t.strictSame(valuesOf(series, 'dhalion_config_last_reload_successful'), [0]);
  t.strictSame(valuesOf(series, 'dhalion_config_last_reload_success_timestamp_seconds'), [5]);
});

await t.test('an engine that left the configuration keeps its counters and loses its gauge', async (t) => {
  const metrics = createServiceMetrics(BUILD);
  recordOneOfEach(metrics);
  metrics.setEngines(['heron']);
  const series = await seriesOf(metrics);
  t.strictSame(valuesOf(series, 'dhalion_evaluations_total', { engine: 'flink' }), [2]);
  t.strictSame(valuesOf(series, 'dhalion_evaluations_total', { engine: 'heron' }), [0]);
  t.strictSame(valuesOf(series, 'dhalion_last_evaluation_timestamp_seconds'), []);
});

const DAY_MS = 24 * 3_600_000;
const START_MS = 1_700_000_000_000;

await t.test('alerts that name ever new topologies make one series a reason, whatever the reason', async (t) => {
  const metrics = createServiceMetrics(BUILD);
  metrics.recordTopologies(['known'], START_MS);
  for (let i = 0; i < 1000; i++) {
    for (const reason of HOLD_REASONS) metrics.recordHold(`t${i}`, reason);
  }
  metrics.recordHold('known', 'cooldown');
  const series = (await seriesOf(metrics)).filter(({ name }) => name === 'dhalion_holds_total');
  t.equal(series.length, HOLD_REASONS.length + 1);
  t.strictSame(valuesOf(series, 'dhalion_holds_total', { topology: '', reason: 'unknown_topology' }), [1000]);
  t.strictSame(valuesOf(series, 'dhalion_holds_total', { topology: '', reason: 'cooldown' }), [1000]);
  t.strictSame(valuesOf(series, 'dhalion_holds_total', { topology: 'known' }), [1]);
});

await t.test('the counters of a topology that is gone leave after a day, those of others stay', async (t) => {
  const metrics = createServiceMetrics(BUILD);
  const topologiesOf = async (name: string): Promise<string[]> =>
    (await seriesOf(metrics)).flatMap((one) => (one.name === name ? [one.labels['topology'] ?? ''] : [])).sort();
  // Of an action from an earlier run; its topology is not visible any more.
  metrics.recordAction({
    topology: 'before',
    operators: [{ operator: 'split' }],
    resolver: 'scale_up',
    outcome: 'unknown',
  });
  metrics.recordTopologies(['gone', 'stays'], START_MS);
  for (const topology of ['gone', 'stays']) {
    metrics.recordHold(topology, 'cooldown');
    metrics.recordHold(topology, 'not_current');
    metrics.recordAction({ topology, operators: [{ operator: 'split' }], resolver: 'scale_up', outcome: 'resolved' });
    metrics.recordAction({ topology, operators: [{ operator: 'count' }], resolver: 'scale_down', outcome: 'failed' });
  }
  metrics.recordTopologies(['stays'], START_MS + DAY_MS);
  t.strictSame(await topologiesOf('dhalion_holds_total'), ['gone', 'gone', 'stays', 'stays']);
  t.strictSame(await topologiesOf('dhalion_actions_total'), ['before', 'gone', 'gone', 'stays', 'stays']);
  metrics.recordTopologies(['stays'], START_MS + DAY_MS + 1);
  t.strictSame(await topologiesOf('dhalion_holds_total'), ['stays', 'stays']);
  t.strictSame(await topologiesOf('dhalion_actions_total'), ['stays', 'stays']);
  metrics.recordHold('gone', 'cooldown');
  t.strictSame(await topologiesOf('dhalion_holds_total'), ['', 'stays', 'stays'], 'later events have no name');
  metrics.recordTopologies(['gone'], START_MS + DAY_MS + 2);
  metrics.recordHold('gone', 'cooldown');
  t.strictSame(
    valuesOf(await seriesOf(metrics), 'dhalion_holds_total', { topology: 'gone' }),
    [1],
    'one that returns starts at 0',
  );
});

await t.test('a clock that was set back keeps no series for longer than a day', async (t) => {
  const metrics = createServiceMetrics(BUILD);
  metrics.recordTopologies(['gone', 'stays'], START_MS + 30 * DAY_MS);
  metrics.recordHold('gone', 'cooldown');
  metrics.recordTopologies(['stays'], START_MS);
  metrics.recordTopologies(['stays'], START_MS + DAY_MS);
  t.strictSame(valuesOf(await seriesOf(metrics), 'dhalion_holds_total', { topology: 'gone' }), [1]);
  metrics.recordTopologies(['stays'], START_MS + DAY_MS + 1);
  t.strictSame(valuesOf(await seriesOf(metrics), 'dhalion_holds_total', { topology: 'gone' }), []);
});

await t.test(
  'the service emits every metric of its catalogue, with its labels, and nothing else of that prefix',
  async (t) => {
    const metrics = createServiceMetrics(BUILD);
    recordOneOfEach(metrics);
    const own = (await seriesOf(metrics)).filter(({ name }) => name.startsWith('dhalion_'));
    const emitted = new Map<string, string[]>();
    for (const { name, labels } of own) {
      const family = name.replace(/_seconds_(bucket|sum|count)$/, '_seconds');
      emitted.set(
        family,
        Object.keys(labels)
          .filter((label) => label !== 'le')
          .sort(),
      );
    }
    const catalogued = Object.values(SERVICE_METRICS).map(
      ({ name, labels }) => [name, [...labels].sort()] as [string, string[]],
    );
    t.strictSame([...emitted].sort(), catalogued.sort());
  },
);

await t.test('promtool has no complaint about a whole scrape, Node’s own metrics included', async (t) => {
  const metrics = createServiceMetrics(BUILD);
  recordOneOfEach(metrics);
  const snapshot = {
    evaluations: [topologyEvaluation('w"c', [operatorEvaluation('split')])],
    openActions: [],
    lastActions: [],
    blacklist: [],
  };
  const text = await renderScrape(metrics, snapshot);
  t.equal(await promtoolComplaints(text), '');
  t.notMatch(text, new RegExp(OMITTED_NODE_METRICS.join('|')));
  t.match(text, '# TYPE process_cpu_seconds_total counter');
  for (const { name, type } of METRIC_CATALOGUE) t.match(text, `# TYPE ${name} ${type}\n`);
});

await t.test('promtool complains about a faulty text, so its silence is meaningful', async (t) => {
  t.match(await promtoolComplaints('# HELP x_total h\n# TYPE x_total gauge\nx_total 1\n'), 'non-counter');
});

await t.test('two scrapes at once agree', async (t) => {
  const metrics = createServiceMetrics(BUILD);
  recordOneOfEach(metrics);
  const evaluations = [topologyEvaluation('wordcount', [operatorEvaluation('split'), operatorEvaluation('count')])];
  const snapshot = { evaluations, openActions: [], lastActions: [], blacklist: [] };
  const scrapes = await Promise.all([1, 2].map(() => renderScrape(metrics, snapshot)));
  const [one, other] = scrapes.map((text) => text.split('\n').filter((line) => line.startsWith('dhalion_')));
  t.strictSame(one, other);
  t.ok((one?.length ?? 0) > 50);
});

await t.test('two services in one process do not share their metrics', async (t) => {
  const [one, other] = [createServiceMetrics(BUILD), createServiceMetrics(BUILD)];
  one.recordHold('wordcount', 'cooldown');
  t.strictSame(valuesOf(await seriesOf(other), 'dhalion_holds_total'), []);
});
