import t from 'tap';
import type { PrometheusClient, VectorSample } from '../../src/sensors/prometheus-client.js';
import { renderTopologyLabelsQuery, senseTopologyLabels } from '../../src/sensors/topology-labels.js';
import { engineOf } from '../support/sensing.js';
import { NEVER } from '../support/webhook-sender-set-up.js';

const FLINK = engineOf('flink');
const SELECTION = { labelValues: ['one'], patterns: ['fleet_.*'] };

await t.test('one query groups by the topology and the labels that are wanted', (t) => {
  t.equal(
    renderTopologyLabelsQuery(FLINK, SELECTION, ['app', 'namespace']),
    'group by (job_name, app, namespace) ((flink_taskmanager_job_task_backPressuredTimeMsPerSecond' +
      '{job_name!="", job_name=~"one|(?:fleet_.*)"} / 1000))',
  );
  t.equal(renderTopologyLabelsQuery(FLINK, { labelValues: [], patterns: [] }, ['app']), null);
  t.equal(renderTopologyLabelsQuery(engineOf('flink', { sensors: {} }), SELECTION, ['app']), null);
  t.end();
});

await t.test('a topology whose series differ in a label is left out, and one without it has none', async (t) => {
  const sample = (labels: Readonly<Record<string, string>>): VectorSample => ({ labels, value: 1 });
  const samples = [
    sample({ job_name: 'one', app: 'a' }),
    sample({ job_name: 'moved', app: 'a' }),
    sample({ job_name: 'moved', app: 'b' }),
    sample({ job_name: 'moved', app: 'c' }),
    sample({ job_name: 'bare' }),
    sample({ app: 'of nobody' }),
  ];
  const client: PrometheusClient = {
    query: (_promql, _atMs, _signal, take) => {
      samples.forEach(take);
      return Promise.resolve();
    },
  };
  const found = await senseTopologyLabels(client, FLINK, { selection: SELECTION, labels: ['app'] }, 0, NEVER);
  t.strictSame(
    [...found],
    [
      ['one', { job_name: 'one', app: 'a' }],
      ['bare', { job_name: 'bare' }],
    ],
  );
});
