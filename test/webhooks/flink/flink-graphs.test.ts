// The graphs of topologies with JobManagers that are found by labels of the series.
import t, { type Test } from 'tap';
import { createLogger } from '../../../src/logger.js';
import { createHttpClient } from '../../../src/outbound/http-client.js';
import { PLAIN_HTTP } from '../../../src/outbound/http-config.js';
import { createFlinkGraphSource } from '../../../src/webhooks/flink/flink-graphs.js';
import { flinkRestServer, JOB_ID } from '../../support/flink-rest-server.js';
import { sampleFlinkWebhook } from '../../support/webhook-samples.js';
import { NEVER } from '../../support/webhook-sender-set-up.js';

type Labelled = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** JobManagers at 127.0.0.1 and 127.0.0.2 on one port, with the jobs `one` and `two`. */
async function setUp(t: Test) {
  const one = await flinkRestServer(t, undefined, { [JOB_ID]: 'id_of_one', 'word count': 'one' });
  const port = Number(new URL(one.url).port);
  const two = await flinkRestServer(
    t,
    undefined,
    { [JOB_ID]: 'id_of_two', 'word count': 'two' },
    { host: '127.0.0.2', port },
  );
  const http = createHttpClient(PLAIN_HTTP, { userAgent: 'dhalion/test' });
  t.teardown(() => {
    http.close();
  });
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger(
    { level: 'debug', format: 'json' },
    { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  let nowMs = 0;
  const answer: { labels: Labelled | Error; asked: (readonly string[])[] } = { labels: {}, asked: [] };
  const webhook = sampleFlinkWebhook(`http://127.0.0.{{ labels.node }}:${port}`, {
    name: 'fleet',
    allowedHosts: ['127.0.0.1', '127.0.0.2'],
  });
  const source = createFlinkGraphSource(
    [
      {
        webhook,
        http,
        topologies: null,
        senseLabels: (names) => {
          answer.asked.push(names);
          const { labels } = answer;
          return labels instanceof Error ? Promise.reject(labels) : Promise.resolve(new Map(Object.entries(labels)));
        },
      },
    ],
    { clock: { elapsed: () => nowMs }, logger },
  );
  const refresh = async (labels: Labelled | Error, only?: ReadonlySet<string>): Promise<void> => {
    answer.labels = labels;
    nowMs += 60_000;
    await source.refresh(NEVER, only);
  };
  const inputsOf = (topology: string) => source.find('fleet', topology)?.vertexOf('count')?.inputs ?? null;
  const pathsOf = ({ requests }: typeof one) => requests.map(({ path }) => path);
  return { one, two, lines, asked: answer.asked, refresh, inputsOf, pathsOf, source };
}

const BOTH: Labelled = { one: { node: '1' }, two: { node: '2' } };

await t.test('the graph of each topology is read from its own JobManager', async (t) => {
  const { one, two, asked, refresh, inputsOf, pathsOf, source } = await setUp(t);
  t.equal(inputsOf('one'), null);
  await refresh(BOTH);
  t.strictSame([inputsOf('one'), inputsOf('two'), inputsOf('three')], [['split:_a_b'], ['split:_a_b'], null]);
  t.strictSame(pathsOf(one), ['/jobs/overview', '/jobs/id_of_one']);
  t.strictSame(pathsOf(two), ['/jobs/overview', '/jobs/id_of_two']);
  t.strictSame(asked, [['node']]);
  await source.refresh(NEVER, new Set(['fleet']));
  t.equal(asked.length, 1, 'a JobManager asked a moment ago is not asked again');
  await refresh(BOTH, new Set(['another']));
  t.equal(asked.length, 1, 'nor for topologies of another webhook');
});

await t.test('the new JobManager of a moved topology is asked, and the last one without series', async (t) => {
  const { one, two, refresh, inputsOf, pathsOf } = await setUp(t);
  await refresh(BOTH);
  await refresh({ two: { node: '1' } });
  t.strictSame(inputsOf('one'), ['split:_a_b'], 'it may be rescaling');
  t.equal(inputsOf('two'), null, 'the new JobManager does not have the job');
  t.equal(pathsOf(two).length, 2);
  const asked = pathsOf(one).length;
  for (let minute = 0; minute < 10; minute += 1) await refresh({});
  t.equal(inputsOf('one'), null, 'after ten minutes it is gone');
  const askedMeanwhile = pathsOf(one).length;
  t.ok(askedMeanwhile > asked);
  await refresh({});
  t.equal(pathsOf(one).length, askedMeanwhile);
});

await t.test('without an answer of Prometheus the known JobManagers are kept, with one warning', async (t) => {
  const { refresh, inputsOf, lines } = await setUp(t);
  await refresh(BOTH);
  await refresh(new Error('no answer'));
  await refresh(new Error('no answer'));
  t.strictSame(inputsOf('one'), ['split:_a_b']);
  t.match(lines, [{ level: 'warn', webhook: 'fleet', error: 'no answer' }]);
  t.equal(lines.length, 1);
});

await t.test('labels without an allowed host lead to no request, with one warning', async (t) => {
  const { one, two, refresh, inputsOf, lines } = await setUp(t);
  const hostile: Labelled = { one: { node: '1@evil' }, two: { node: '3' }, three: { node: 'evil.example' }, four: {} };
  await refresh(hostile);
  await refresh(hostile);
  t.strictSame([inputsOf('one'), inputsOf('two')], [null, null]);
  t.strictSame([one.connections(), two.connections()], [0, 0]);
  t.match(lines, [
    { topology: 'one', failure: /^label node is not a valid part of a host name .*: "1@evil"$/ },
    { topology: 'two', failure: 'the host 127.0.0.3 is not in allowed_hosts' },
    { topology: 'three', failure: /"evil\.example"$/ },
    { topology: 'four', failure: /no label node/ },
  ]);
  t.equal(lines.length, 4);
});
