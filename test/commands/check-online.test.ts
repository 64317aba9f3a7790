import t from 'tap';
import { checkOnline } from '../../src/commands/check-online.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { prometheusWithHistory, type History } from '../support/real-parts.js';
import { END_S, healthySubtask, type FlinkSubtask } from '../support/sensing.js';

/** It looks now, so that the history has to last a while longer. */
const NOW_S = Math.floor(Date.now() / 1000) + 120;

function present(subtask: FlinkSubtask): History[] {
  return healthySubtask(subtask).map((history) => ({
    ...history,
    samples: history.samples.map(([atS, value]) => [atS - END_S + NOW_S, value] as const),
  }));
}

/** As Prometheus has it of a Dhalion that it scrapes as this job. */
function buildInfo(job: string): History {
  const samples = Array.from({ length: 60 }, (_, index) => [NOW_S - (59 - index) * 15, 1] as const);
  return { name: 'dhalion_build_info', labels: { job, version: '1' }, samples };
}

await t.test('series of several jobs, or incomplete series, are a warning with a remedy', async (t) => {
  const { url } = await prometheusWithHistory(t, [
    ...['a', 'b'].flatMap((jobId) => present({ job: 'orders', task: 'map', subtask: 0, jobId })),
    ...['a', 'b'].flatMap((jobId) => present({ job: 'orders', task: 'sink', subtask: 0, jobId })),
    ...[0, 2].flatMap((subtask) => present({ job: 'payments', task: 'map', subtask })),
    ...present({ job: 'clicks', task: 'map', subtask: 0 }),
    buildInfo('staging'),
  ]);
  const yaml = `
prometheus: {url: ${url}, own_matchers: 'job="prod"'}
window: 1m
engines: {flink: {resolution: 15s}}
topologies: [{name: orders, engine: flink}, {discover: ".*", engine: flink}]
`;
  const parsed = parseConfiguration(yaml, { builtInEngines: BUILT_IN_ENGINES });
  if (!('configuration' in parsed)) throw new Error('the configuration has faults');
  const { problems, warnings, seen } = await checkOnline(parsed.configuration);
  t.strictSame(problems, []);
  t.strictSame(warnings, [
    'warning: prometheus: no series dhalion_build_info{job="prod"}: Prometheus does not scrape Dhalion, so there are no alerts, and ' +
      'after each start of Dhalion scale-downs wait for scale_down_memory',
    'warning: topology orders: 2 jobs are named orders (job_id a, b): give each job a name of its own, ' +
      'or tell them apart by `matchers` or another topology label',
    'warning: topology payments: operator instances 0..1 are expected, 1 is missing',
  ]);
  t.strictSame(seen, [
    'seen: flink listed: 1 topology (orders), 2 operators',
    'seen: flink ".*": 2 topologies (clicks and payments), 2 operators',
  ]);
});

await t.test('a Prometheus that scrapes Dhalion causes no warning', async (t) => {
  const { url } = await prometheusWithHistory(t, [
    ...present({ job: 'clicks', task: 'map', subtask: 0 }),
    buildInfo('dhalion'),
  ]);
  const warningsWith = async (more: string): Promise<readonly string[]> => {
    const yaml = `prometheus: {url: ${url}${more}}\nwindow: 1m\nengines: {flink: {resolution: 15s}}\ntopologies: [{discover: ".*", engine: flink}]`;
    const parsed = parseConfiguration(yaml, { builtInEngines: BUILT_IN_ENGINES });
    if (!('configuration' in parsed)) throw new Error('the configuration has faults');
    return (await checkOnline(parsed.configuration)).warnings;
  };
  t.strictSame(await warningsWith(''), []);
  t.strictSame(await warningsWith(`, own_matchers: 'job="dhalion"'`), []);
});

await t.test('a window that holds fewer samples than it needs is a warning', async (t) => {
  const { url } = await prometheusWithHistory(t, [
    ...present({ job: 'clicks', task: 'map', subtask: 0 }),
    buildInfo('dhalion'),
  ]);
  const warningsOf = async (window: string): Promise<readonly string[]> => {
    const yaml = `prometheus: {url: ${url}}\nwindow: ${window}\nengines: {flink: {resolution: 1s}}\ntopologies: [{discover: ".*", engine: flink}]`;
    const parsed = parseConfiguration(yaml, { builtInEngines: BUILT_IN_ENGINES });
    if (!('configuration' in parsed)) throw new Error('the configuration has faults');
    return (await checkOnline(parsed.configuration)).warnings.filter((warning) => warning.includes('sample'));
  };
  t.strictSame(await warningsOf('1m'), [], 'a sample every 15 s');
  t.match(await warningsOf('30s'), [
    /^warning: engine flink: the fullest series has [23] samples in a window of 30s; 4 are needed: use a longer window or a shorter scrape interval$/,
  ]);
});

await t.test('a target label that overwrites one of Dhalion’s own series is a warning', async (t) => {
  const samples = buildInfo('dhalion').samples;
  const { url } = await prometheusWithHistory(t, [
    ...present({ job: 'clicks', task: 'map', subtask: 0 }),
    buildInfo('dhalion'),
    {
      name: 'dhalion_operator_parallelism',
      labels: { job: 'dhalion', topology: 'rack7', exported_topology: 'clicks', operator: 'map' },
      samples,
    },
  ]);
  const yaml = `prometheus: {url: ${url}}\nwindow: 1m\ntopologies: [{discover: ".*", engine: flink}]`;
  const parsed = parseConfiguration(yaml, { builtInEngines: BUILT_IN_ENGINES });
  if (!('configuration' in parsed)) throw new Error('the configuration has faults');
  t.strictSame((await checkOnline(parsed.configuration)).warnings, [
    'warning: prometheus: the target label topology overwrites that of Dhalion\'s series with "rack7": alerts name an ' +
      'unknown topology. Set honor_labels: true in the scrape job of Dhalion',
  ]);
});
