import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { stringify } from 'yaml';
import { renderFault } from '../../src/grammar/config-fault.js';
import { PLAIN_HTTP } from '../../src/outbound/http-config.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { CONFIG_FIXTURES, configurationOf, faultsOf } from '../support/parsed-configuration.js';

// Each fixture is named after its content and lists all its faults at its end, in comments.
await t.test('a file has exactly the faults it announces', (t) => {
  const names = readdirSync(CONFIG_FIXTURES).filter((name) => name.endsWith('.yml'));
  t.ok(names.length > 60);
  for (const name of names) {
    const text = readFileSync(new URL(name, CONFIG_FIXTURES), 'utf8');
    const announced = [...text.matchAll(/^# fault: (.*)$/gm)].map(([, line]) => `${name}:${line ?? ''}`);
    t.equal(announced.length === 0, name.startsWith('valid-'), `${name} is named after its content`);
    t.strictSame(
      faultsOf(text).map((fault) => renderFault(fault, name)),
      announced,
      name.replaceAll('-', ' '),
    );
  }
  t.end();
});

await t.test('an empty file is a fault in its first line', (t) => {
  t.match(faultsOf(''), [{ path: '', line: 1, column: 1, message: /^is empty/ }]);
  t.end();
});

await t.test('no fault repeats a secret', (t) => {
  const text = readFileSync(new URL('inline-secrets.yml', CONFIG_FIXTURES), 'utf8');
  t.notMatch(JSON.stringify(faultsOf(text)), /hunter2|aHVudGVyMg/);
  t.end();
});

await t.test('a file need only say where Prometheus is and what to look after', (t) => {
  const { engines, ...configuration } = configurationOf(
    'prometheus: {url: "http://127.0.0.1:9090/mimir//"}\ntopologies: [{name: wordcount, engine: flink}]\n',
  );
  t.match(configuration, {
    prometheus: {
      url: 'http://127.0.0.1:9090/mimir',
      timeoutMs: 30_000,
      method: 'POST',
      queryParams: {},
      http: { basicAuth: null, authorization: null, tls: null, httpHeaders: {} },
    },
    evaluationIntervalMs: 300_000,
    windowMs: 300_000,
    storage: { path: './data', postgresUrlFile: null, retentionMs: 90 * 86_400_000 },
    limits: { maxOpenActions: 10, maxActionsPerHour: 60, maxScaleDownShare: 0.3 },
    topologies: [{ name: 'wordcount', engine: 'flink', labelValue: 'wordcount', operators: null, webhooks: {} }],
    discoveries: [],
  });
  t.equal(configuration.webhooks.size, 0);
  t.strictSame([...engines.keys()], ['flink'], 'engines that nothing uses are left out');
  t.end();
});

await t.test('addresses for links are unset unless they are given, and have no slash at their end', (t) => {
  const linksOf = (prometheus: string, more: string) =>
    configurationOf(
      `prometheus: {url: "http://127.0.0.1:9090"${prometheus}}\n${more}topologies: [{name: wordcount, engine: flink}]\n`,
    ).links;
  t.strictSame(linksOf('', ''), { prometheus: null, alertmanager: null, grafana: null });
  t.strictSame(linksOf(', external_url: null', 'grafana_url: null\nalertmanager_url: null\n'), linksOf('', ''));
  t.strictSame(
    linksOf(
      ', external_url: "https://example.org/prometheus/"',
      'grafana_url: https://grafana.example.org\nalertmanager_url: "http://alerts//"\n',
    ),
    {
      prometheus: 'https://example.org/prometheus',
      alertmanager: 'http://alerts',
      grafana: 'https://grafana.example.org',
    },
  );
  t.end();
});

await t.test('a webhook of type flink is an address, and how often and how long to try', (t) => {
  const { webhooks } = configurationOf(
    [
      'prometheus: {url: "http://127.0.0.1:9090"}',
      'webhooks: {flink: {type: flink, url: "http://127.0.0.1:8081/flink/", timeout: 3s}}',
      'topologies: [{name: wordcount, engine: flink, webhook: flink, policy: {max_parallelism: 4}}]',
    ].join('\n'),
  );
  t.strictSame(webhooks.get('flink'), {
    name: 'flink',
    type: 'flink',
    url: 'http://127.0.0.1:8081/flink',
    timeoutMs: 3000,
    maxAttempts: 5,
    expiresAfterMs: 300_000,
    http: PLAIN_HTTP,
  });
  t.end();
});

await t.test("the contract's example is read as intended", (t) => {
  const configuration = configurationOf(readFileSync(new URL('valid-contract-example.yml', CONFIG_FIXTURES), 'utf8'));
  t.strictSame(configuration.webhooks.get('scaler'), {
    name: 'scaler',
    type: 'generic',
    url: 'http://127.0.0.1:8080/scale',
    method: 'POST',
    headers: {},
    body: null,
    timeoutMs: 10_000,
    maxAttempts: 5,
    expiresAfterMs: 300_000,
    signingSecretFile: null,
    http: { basicAuth: null, authorization: null, tls: null, httpHeaders: {} },
  });
  const [wordcount] = configuration.topologies;
  t.strictSame(wordcount?.webhooks, { scale_up: 'scaler', scale_down: 'scaler' });
  t.strictSame(
    wordcount?.operators?.map(({ spec }) => spec),
    [
      { name: 'source', role: 'source', inputs: [], minParallelism: 1, maxParallelism: 16 },
      { name: 'split', role: 'inner', inputs: ['source'], minParallelism: 1, maxParallelism: 32 },
      { name: 'count', role: 'inner', inputs: ['split'], minParallelism: 1, maxParallelism: 32 },
    ],
  );
  t.match(configuration.discoveries, [{ pattern: '.*', engine: 'heron', webhooks: {} }]);
  t.strictSame([...configuration.engines.keys()], ['flink', 'heron']);
  t.end();
});

const HEAD = 'prometheus: {url: http://127.0.0.1:9090}\n';

await t.test('the action log may be in PostgreSQL', (t) => {
  const { storage } = configurationOf(
    `${HEAD}storage: {postgres_url_file: /etc/dhalion/postgres}\ntopologies: [{name: wordcount, engine: flink}]`,
  );
  t.strictSame(storage, { path: './data', postgresUrlFile: '/etc/dhalion/postgres', retentionMs: 90 * 86_400_000 });
  t.end();
});

await t.test('an operator is matched as a whole, by its name unless said otherwise', (t) => {
  const { topologies } = configurationOf(
    `${HEAD}topologies: [{name: a, engine: flink, operators: [{name: "split.1"}, {name: s, match: "Sp|Split.*"}]}]`,
  );
  const [byName, byMatch] = (topologies[0]?.operators ?? []).map(({ match }) => match);
  t.strictSame(
    ['split.1', 'splitx1', 'xsplit.1'].map((label) => byName?.test(label)),
    [true, false, false],
  );
  t.strictSame(
    ['Sp', 'Split->Map', 'Spl', 'xSplit'].map((label) => byMatch?.test(label)),
    [true, true, false, false],
  );
  t.end();
});

await t.test('roles and inputs follow from the graph, where there is one', (t) => {
  const rolesOf = (operators: string): unknown =>
    configurationOf(
      `${HEAD}topologies: [{name: a, engine: flink, operators: ${operators}}]`,
    ).topologies[0]?.operators?.map(({ spec }) => [spec.name, spec.role, spec.inputs]);
  t.strictSame(rolesOf('[{name: a}, {name: b, inputs: [a]}, {name: c, role: inner}, {name: d, role: source}]'), [
    ['a', 'source', []],
    ['b', 'inner', ['a']],
    ['c', 'inner', []],
    ['d', 'source', []],
  ]);
  t.strictSame(
    rolesOf('[{name: a, role: source}, {name: b}]'),
    [
      ['a', 'source', null],
      ['b', 'inner', null],
    ],
    'without any inputs the graph is not known',
  );
  t.end();
});

await t.test('parallelism bounds come from the operator, else from the policy', (t) => {
  const { topologies } = configurationOf(
    `${HEAD}policy: {min_parallelism: 2, max_parallelism: 9}\ntopologies: [{name: a, engine: flink, operators: [{name: x}, {name: y, min_parallelism: 1, max_parallelism: 99}]}]`,
  );
  t.strictSame(
    topologies[0]?.operators?.map(({ spec }) => [spec.minParallelism, spec.maxParallelism]),
    [
      [2, 9],
      [1, 99],
    ],
  );
  t.end();
});

await t.test('only a map of webhooks allows restarts and rebalances', (t) => {
  const { topologies } = configurationOf(
    `${HEAD}webhooks: {hook: {url: http://127.0.0.1/}}\ntopologies: [{name: a, engine: flink, webhook: {restart_instances: hook}}]`,
  );
  t.strictSame(topologies[0]?.webhooks, { restart_instances: 'hook' });
  t.end();
});

await t.test(
  "a built-in engine is changed key by key, and the engine's policy overrides the file's topmost policy",
  (t) => {
    const { engines, topologies } = configurationOf(`${HEAD}
window: 20m
policy: {cooldown: 1m, escalate_for: 1m, catch_up: 1m}
engines:
  flink:
    labels: {topology: job_id}
    series_ttl: 1h
    policy: {escalate_for: 2m, catch_up: 2m}
    sensors: {busy: null, parallelism: "flink_parallelism{$matchers}"}
topologies: [{name: a, engine: flink, policy: {catch_up: 3m}}]
`);
    const flink = engines.get('flink');
    t.match(flink, {
      name: 'flink',
      labels: { topology: 'job_id', operator: 'task_name', operatorInstance: 'subtask_index' },
      resolutionMs: 60_000,
      seriesTtlMs: 3_600_000,
      backpressureReportedBy: 'victim',
      contiguousInstances: true,
      sensors: {
        backpressure: [/backPressured/],
        source_backlog: [/^sum by \(job_id, task_name, subtask_index, task_attempt_id\) /],
        processing_rate: [/In/, /^sum by \(job_id, task_name, subtask_index, task_attempt_id\) /, /Out/],
        parallelism: ['flink_parallelism{$matchers}'],
      },
    });
    t.notMatch(flink?.sensors.processing_rate, 'job_name', 'built-in expressions group by the labels that are wanted');
    t.notOk('busy' in (flink?.sensors ?? {}), 'a sensor set to null is removed');
    t.match(topologies[0]?.policy, {
      cooldownMs: 60_000,
      escalateForMs: 120_000,
      catchUpMs: 180_000,
      settlingTimeMs: 80 * 60_000,
    });
    t.end();
  },
);

await t.test('the resolution follows the window within its bounds', (t) => {
  const resolutionMs = (window: string): number | undefined =>
    configurationOf(`${HEAD}window: ${window}\ntopologies: [{name: a, engine: flink}]`).engines.get('flink')
      ?.resolutionMs;
  t.equal(resolutionMs('3s'), 1000);
  t.equal(resolutionMs('5m'), 15_000);
  t.equal(resolutionMs('90s'), 4500);
  t.equal(resolutionMs('1h'), 60_000);
  t.end();
});

await t.test("the names of Prometheus' http_config mean what they mean there", (t) => {
  const { prometheus } = configurationOf(`prometheus:
  url: http://127.0.0.1:9090
  http_config:
    authorization: {credentials_file: /present/token}
    tls_config: {ca_file: /present/ca.pem, server_name: prometheus}
    http_headers: {X-Scope-OrgID: {values: [a, b]}, X-Plain: c}
topologies: [{name: a, engine: flink}]
`);
  t.strictSame(prometheus.http, {
    basicAuth: null,
    authorization: { type: 'Bearer', credentialsFile: '/present/token' },
    tls: {
      caFile: '/present/ca.pem',
      certFile: null,
      keyFile: null,
      serverName: 'prometheus',
      insecureSkipVerify: false,
    },
    httpHeaders: { 'X-Scope-OrgID': 'a,b', 'X-Plain': 'c' },
  });
  t.end();
});

await t.test('every built-in engine could be written in a file', (t) => {
  for (const [name, entry] of Object.entries(BUILT_IN_ENGINES)) {
    const text = stringify({
      prometheus: { url: 'http://127.0.0.1:9090' },
      engines: { copied: entry },
      topologies: [{ name: 'a', engine: 'copied' }],
    });
    t.strictSame(faultsOf(text), [], name);
  }
  t.end();
});
