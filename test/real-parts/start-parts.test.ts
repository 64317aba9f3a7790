import t from 'tap';
import { freePort } from '../../src/real-parts/child-program.js';
import { startPrometheus } from '../../src/real-parts/start-prometheus.js';
import { alertmanagerFor, programPath, prometheusFor, prometheusWithHistory } from '../support/real-parts.js';

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000), headers: { connection: 'close' } });
  return response.json();
}

void t.test('Prometheus runs on a free port with the config and rule files it is given', async (t) => {
  const rules = 'groups:\n  - name: one\n    rules:\n      - record: one:one:one\n        expr: vector(1)\n';
  const { url } = await prometheusFor(t, {
    config: 'rule_files: [rules.yml]\n',
    extraFiles: { 'rules.yml': rules },
    extraArgs: ['--query.lookback-delta=7s'],
  });
  t.match(await getJson(`${url}/api/v1/rules`), { status: 'success', data: { groups: [{ name: 'one' }] } });
  t.match(await getJson(`${url}/api/v1/status/flags`), { data: { 'query.lookback-delta': '7s' } });
});

void t.test('a config that Prometheus refuses fails with its own words', async (t) => {
  await t.rejects(prometheusFor(t, { config: 'glob: {}\n' }), { code: 'part_failed', message: /field glob not found/ });
});

void t.test('a port that was asked for and is taken is a failure', async (t) => {
  const port = await freePort();
  await prometheusFor(t, { config: '{}\n', port });
  const program = await programPath('prometheus');
  const start = startPrometheus({ program, dataDir: t.testdir(), config: '{}\n', port });
  await t.rejects(start, { message: /address already in use/ });
});

void t.test('a Prometheus with history answers queries about the past exactly', async (t) => {
  const { url } = await prometheusWithHistory(t, [
    {
      name: 'flink_taskmanager_job_task_busyTimeMsPerSecond',
      labels: { job_name: 'word"count', subtask_index: '0' },
      samples: [
        [1_600_000_000, 250],
        [1_600_000_060, Number.NaN],
      ],
    },
    { name: 'dhalion:series:x', labels: {}, samples: [[1_600_000_060, Infinity]] },
  ]);
  const at = (promql: string, timeS: number): string =>
    `${url}/api/v1/query?query=${encodeURIComponent(promql)}&time=${timeS}`;
  t.match(await getJson(at('flink_taskmanager_job_task_busyTimeMsPerSecond', 1_600_000_030)), {
    data: { result: [{ metric: { job_name: 'word"count', subtask_index: '0' }, value: [1_600_000_030, '250'] }] },
  });
  t.match(await getJson(at('flink_taskmanager_job_task_busyTimeMsPerSecond', 1_600_000_060)), {
    data: { result: [{ value: [1_600_000_060, 'NaN'] }] },
  });
  t.match(await getJson(at('dhalion:series:x', 1_600_000_090)), {
    data: { result: [{ value: [1_600_000_090, '+Inf'] }] },
  });
});

void t.test('OpenMetrics text with recent timestamps is history too', async (t) => {
  const nowS = Math.floor(Date.now() / 1000);
  const { url } = await prometheusWithHistory(t, `a_gauge{b="c"} 4 ${nowS - 30}\n`);
  t.match(await getJson(`${url}/api/v1/query?query=a_gauge&time=${nowS}`), {
    data: { result: [{ value: [nowS, '4'] }] },
  });
});

void t.test('Alertmanager runs alone on a free port and takes alerts', async (t) => {
  const { url } = await alertmanagerFor(t, { config: 'route: {receiver: none}\nreceivers: [{name: none}]\n' });
  const response = await fetch(`${url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify([{ labels: { alertname: 'A' } }]),
    signal: AbortSignal.timeout(10_000),
  });
  t.equal(response.status, 200);
  t.match(await getJson(`${url}/api/v2/alerts`), [{ labels: { alertname: 'A' } }]);
  t.match(await getJson(`${url}/api/v2/status`), { cluster: { status: 'disabled' } });
});
