// Runs the content of the Markdown files: configurations are parsed, commands executed, the webhook and the recipes called.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { parse, stringify } from 'yaml';
import { renderFault } from '../src/grammar/config-fault.js';
import type { Configuration } from '../src/config/configuration.js';
import { parseConfiguration } from '../src/config/parse-configuration.js';
import { hasCredentials, parseWebConfig } from '../src/http/web-config.js';
import { freePort } from '../src/real-parts/child-program.js';
import { BUILT_IN_ENGINES } from '../src/sensors/engines/built-in-engines.js';
import { PLAIN_HTTP } from '../src/outbound/http-config.js';
import type { FlinkResourceKind } from '../src/webhooks/flink-operator/flink-operator-settings.js';
import { webhookBodyOf } from '../src/webhooks/webhook-body.js';
import { webhookTypeOf } from '../src/webhooks/webhook-types.js';
import { makeAuthority } from './support/certificates.js';
import { flinkRestServer, JOB_ID, VERTEX_IDS } from './support/flink-rest-server.js';
import { DEPLOYMENT, kubernetesApiServer } from './support/kubernetes-api-server.js';
import { codeBlocksOf, readDocuments } from './support/markdown.js';
import { operatorActionFor, SPLIT_KEY } from './support/operator-actions.js';
import { RUN_TYPESCRIPT } from './support/run-typescript.js';
import { clientWithHistory, measured, near, operatorIn, senseAt, series, topologyIn } from './support/sensing.js';
import { reasonWith } from './support/actions.js';
import { sampleAction, sampledOperator, sampleFacts, sampleFlinkOperatorWebhook } from './support/webhook-samples.js';
import { setUpSender } from './support/webhook-sender-set-up.js';

// Commands start one after the other, and the machine may be busy.
t.setTimeout(280_000);

const documents = await readDocuments();
const blocks = documents.flatMap(({ path, markdown }) => codeBlocksOf(markdown).map((block) => ({ ...block, path })));
const yamlBlocks = blocks.filter(({ language }) => language === 'yaml');
const quickStart = yamlBlocks
  .filter(({ path, heading }) => path === 'README.md' && heading === 'Quick start')
  .map(({ text }) => text);
const commands = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.replaceAll('\\\n', ' ').trimEnd().split('\n'));

/** A section of a configuration, made whole. */
function completed(text: string): string {
  const section = parse(text) as Record<string, unknown>;
  const rest = { prometheus: { url: 'http://127.0.0.1:9090' }, topologies: [{ discover: '.*', engine: 'flink' }] };
  return 'prometheus' in section ? text : stringify({ ...rest, ...section });
}

function configurationOf(text: string): Configuration {
  const result = parseConfiguration(completed(text), { builtInEngines: BUILT_IN_ENGINES });
  if ('configuration' in result) return result.configuration;
  throw new Error(result.faults.map((fault) => renderFault(fault, 'document')).join('\n'));
}

function blockWith(word: string): string {
  const found = blocks.filter(({ text }) => text.includes(word));
  if (found.length !== 1) throw new Error(`${found.length} code blocks hold ${word}`);
  return found[0]?.text ?? '';
}

/** YAML that is not a Dhalion configuration: its first key, and where it is checked. */
const OTHER_YAML: Readonly<Record<string, string>> = {
  'src/http/README.md tls_server_config': 'below',
  'src/webhooks/README.md apiVersion': 'the Role below; nothing here: KEDA reads the other',
  'rules/README.md rule_files': 'rules/dhalion-alerts.test.ts',
};

await t.test('every configuration in a document is a valid one', (t) => {
  t.equal(quickStart.length, 2);
  const others = new Set<string>();
  let configurations = 0;
  for (const { path, text, heading } of yamlBlocks) {
    const name = `${path} ${Object.keys(parse(text) as object)[0] ?? ''}`;
    if (name in OTHER_YAML) {
      others.add(name);
      continue;
    }
    configurations += 1;
    t.doesNotThrow(() => configurationOf(text), `${path}: ${heading}`);
  }
  t.equal(
    configurations,
    14,
    'two of the quick start, trying it, links, Flink run in three ways, type flink for one JobManager and for many, session jobs, two recipes, two engines',
  );
  t.strictSame([...others].sort(), Object.keys(OTHER_YAML).sort());
  t.end();
});

await t.test('the first configuration of the quick start calls no webhook, the second does not act yet', (t) => {
  const [recommending, acting] = quickStart.map(configurationOf);
  t.match(recommending, { discoveries: [{ webhooks: {} }], topologies: [] });
  t.match(acting, { topologies: [{ webhooks: { scale_up: 'flink' }, policy: { mode: 'dry_run' } }] });
  t.doesNotThrow(() => configurationOf((quickStart[1] ?? '').replace('dry_run', 'enforce')), 'and is bounded');
  t.end();
});

await t.test('the web configuration in the documents asks for credentials', async (t) => {
  const { certFile, keyFile } = await makeAuthority(t.testdir({}), 'server');
  const readFile = (path: string): Buffer =>
    path.endsWith('.token')
      ? Buffer.from('a-token-that-nobody-guesses\n')
      : readFileSync(path.endsWith('.key') ? keyFile : certFile);
  const parsed = parseWebConfig(blockWith('tls_server_config:'), { file: 'web.yml', readFile });
  t.notOk('faults' in parsed && parsed.faults);
  t.ok('webConfig' in parsed && parsed.webConfig.tls !== null && hasCredentials(parsed.webConfig));
});

/** The program from its sources, in a folder with the quick start's configuration, Prometheus at that port. */
function startCli(t: Test, args: readonly string[], port = ':9090') {
  // Not `t.testdir()`, which empties the folder of a service that runs.
  const folder = mkdtempSync(join(tmpdir(), 'dhalion-documents-'));
  writeFileSync(join(folder, 'dhalion.yml'), (quickStart[1] ?? '').replace(':9090', port));
  const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
  const child = spawn(process.execPath, [...RUN_TYPESCRIPT, cli, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exitCode = once(child, 'close').then(([code]) => code as number | null);
  t.teardown(async () => {
    child.kill('SIGKILL');
    await exitCode;
    rmSync(folder, { recursive: true });
  });
  return { child, exitCode };
}

/** Commands that are not run below: how each begins, and what runs it. */
const RUN_ELSEWHERE: Readonly<Record<string, string>> = {
  'npm ci && npm run demo': 'e2e/demo.long.test.ts',
  'npm ci && npm test': 'the caller runs this',
  'npm run recorded-runs': 'recorded-runs/recorded-runs.test.ts',
  'npm run decisions': 'decisions/decisions.test.ts',
  'sqlite3 ': 'action-log/copy-and-upgrade.test.ts',
  'cp grafana/': 'grafana/provisioning.test.ts compares the paths',
  'mkdir -p /var/lib/grafana/': 'grafana/provisioning.test.ts compares the path',
  'kubectl ': 'nothing here: there is no Kubernetes',
};

await t.test('the commands of the documents do what they say', { timeout: 240_000 }, async (t) => {
  const elsewhere = Object.keys(RUN_ELSEWHERE);
  for (const start of elsewhere)
    t.ok(
      commands.some((command) => command.startsWith(start)),
      start,
    );
  const left = commands.filter((command) => !elsewhere.some((start) => command.startsWith(start)));
  const take = (start: string): readonly string[] => left.filter((command) => command.startsWith(start));
  t.strictSame(
    left.map((command) => command.split(' ').slice(0, 2).join(' ')).sort(),
    [
      ...Array<string>(7).fill('curl -fsS'),
      ...['actions', 'backtest', 'check', 'explain', 'manifests', 'pause', 'resume'].map((name) => `dhalion ${name}`),
      ...Array<string>(4).fill('dhalion rules'),
      ...['serve', 'status'].map((name) => `dhalion ${name}`),
    ],
    'all others are run here',
  );

  for (const command of [...take('dhalion check '), ...take('dhalion rules ')]) {
    const { child: printing, exitCode: printed } = startCli(
      t,
      command
        .replace(/ > \S+$/, '')
        .split(' ')
        .slice(1),
    );
    printing.stdout.resume();
    t.equal(await printed, 0, command);
  }
  for (const command of take('dhalion manifests ')) {
    const { child, exitCode } = startCli(t, wordsOf(command).slice(1));
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
    t.equal(await exitCode, 0, command);
    t.match(printed, /kind: Deployment.*kind: AlertmanagerConfig/s);
  }
  const [backtest = ''] = take('dhalion backtest ');
  const backtesting = startCli(t, backtest.split(' ').slice(1), `:${await freePort()}`);
  let said = '';
  backtesting.child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  t.equal(await backtesting.exitCode, 1, backtest);
  t.match(said, /Prometheus is unreachable/, 'it was understood, and asked Prometheus');
  const [serve = ''] = take('dhalion serve ');
  const { child, exitCode } = startCli(t, [...serve.split(' ').slice(1), '--web.listen-address=127.0.0.1:0']);
  let url = '';
  for await (const line of createInterface({ input: child.stderr })) {
    url = /url=(\S+) .*msg=listening/.exec(line)?.[1] ?? '';
    if (url !== '') break;
  }
  t.match(url, /^http:/, serve);
  child.stderr.resume();
  // Nothing was seen yet: Prometheus does not answer.
  for (const command of left.filter((one) => /^dhalion (?:status|explain|actions|pause|resume)/.test(one))) {
    const asking = startCli(t, [...wordsOf(command).slice(1), `--url=${url}`]);
    t.equal(await asking.exitCode, 0, command);
  }
  let pause = 'none yet';
  for (const command of take('curl ')) {
    const answer = await curl(command.replace('/pauses/ID', `/pauses/${pause}`), url);
    t.match(answer, { status: 'success' }, command);
    pause = (answer as { data?: { id?: string } }).data?.id ?? pause;
  }
  t.strictSame(
    await curl('curl http://127.0.0.1:10017/api/v1/pauses', url),
    { status: 'success', data: [] },
    'it has ended',
  );
  child.kill('SIGTERM');
  t.equal(await exitCode, 0, 'SIGTERM ends it gracefully');
});

/** As a shell parts them, as far as the documents need it. */
function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
}

/** As `curl -fsS` with -X, -H and -d would. */
async function curl(command: string, url: string): Promise<unknown> {
  const words = wordsOf(command);
  const after = (flag: string): string | undefined => words[words.indexOf(flag) + 1 || words.length];
  const target = words.find((word) => word.startsWith('http')) ?? '';
  const body = after('-d');
  const [name = 'accept', value = '*/*'] = after('-H')?.split(': ') ?? [];
  const response = await fetch(target.replace('http://127.0.0.1:10017', url), {
    method: after('-X') ?? 'GET',
    headers: { [name]: value },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${command}: ${response.status} ${text}`);
  // 204: as curl, it has nothing to say.
  return text === '' ? { status: 'success' } : JSON.parse(text);
}

await t.test("the webhook of the quick start changes one vertex among those of Flink's requirements", async (t) => {
  const flink = await flinkRestServer(t);
  const before = structuredClone(flink.requirements);
  const webhook = configurationOf(quickStart[1] ?? '').webhooks.get('flink');
  if (webhook?.type !== 'flink') throw new Error('the quick start has no webhook of type flink');
  const here = { ...webhook, url: flink.url };
  const facts = sampleFacts({ labels: { job_id: JOB_ID, task_id: VERTEX_IDS.split } });
  const action = sampleAction({ request: webhookTypeOf(here).renderRequest(here, webhookBodyOf(facts)) });
  t.strictSame(await setUpSender(t, { webhook: here }).send(action), { result: 'succeeded' });
  const split = { parallelism: { lowerBound: 1, upperBound: 4 } };
  t.strictSame(flink.puts(), [{ ...before, [VERTEX_IDS.split]: split }]);
});

/** Of src/webhooks/README.md, by the way that Flink is run. */
function wayToRun(heading: string): Configuration {
  const own = yamlBlocks.filter((block) => block.path === 'src/webhooks/README.md' && block.heading === heading);
  const [block, ...others] = own;
  if (block === undefined || others.length > 0) throw new Error(`${own.length} configurations under ${heading}`);
  t.ok(block.text.trimEnd().split('\n').length <= 10, `${heading}: ten lines`);
  return configurationOf(block.text);
}

await t.test('each way that Flink is run takes ten lines, which scale a job that runs so', async (t) => {
  const labels = { namespace: 'flink', app: DEPLOYMENT, job_id: JOB_ID, task_id: VERTEX_IDS.split };
  const body = webhookBodyOf(sampleFacts({ labels }));
  const flink = await flinkRestServer(t);
  for (const [heading, url] of [
    ['A session cluster', 'http://session-rest.flink.svc:8081'],
    ['Application mode', `http://${DEPLOYMENT}-rest.flink.svc:8081`],
  ] as const) {
    const { webhooks, discoveries } = wayToRun(heading);
    const [webhook] = webhooks.values();
    t.match(discoveries, [
      { webhooks: { scale_up: webhook?.name, scale_down: webhook?.name }, policy: { mode: 'dry_run' } },
    ]);
    if (webhook?.type !== 'flink') throw new Error(`${heading}: not of type flink`);
    const request = webhookTypeOf(webhook).renderRequest(webhook, body);
    t.equal(request.url, url);
    const action = sampleAction({ request: { ...request, url: flink.url } });
    t.strictSame(await setUpSender(t, { webhook }).send(action), { result: 'succeeded' }, heading);
  }
  t.equal(flink.puts().length, 2);

  const { webhooks, discoveries } = wayToRun('The Flink Kubernetes Operator');
  const [webhook] = webhooks.values();
  t.match(discoveries, [{ webhooks: { scale_up: 'operator', scale_down: 'operator' }, policy: { mode: 'dry_run' } }]);
  if (webhook?.type !== 'flink_operator') throw new Error('not of type flink_operator');
  const token = 'abc.def.ghi';
  const api = await kubernetesApiServer(t, { token });
  const credentialsFile = `${t.testdir({ token })}/token`;
  const here = {
    ...webhook,
    url: api.url,
    http: { ...PLAIN_HTTP, authorization: { type: 'Bearer', credentialsFile } },
  };
  const action = operatorActionFor(api.url);
  t.equal(
    webhookTypeOf(webhook).renderRequest(webhook, body).url,
    `https://kubernetes.default.svc/apis/flink.apache.org/v1beta1/namespaces/flink/flinkdeployments/${DEPLOYMENT}`,
  );
  t.strictSame(await setUpSender(t, { webhook: here }).send(action), { result: 'succeeded' });
  t.match(api.object('flinkdeployments').spec.flinkConfiguration, { [SPLIT_KEY]: '4' });
});

await t.test('the Role of the documents has the least rights, in its words and those for session jobs', (t) => {
  const role = parse(blockWith('kind: Role')) as { rules: readonly unknown[] };
  const rulesFor = (resource: FlinkResourceKind) => {
    const webhook = sampleFlinkOperatorWebhook('https://kubernetes.default.svc', { resource });
    return webhookTypeOf(webhook).kubernetesRules?.(webhook);
  };
  t.strictSame(role.rules, rulesFor('flinkdeployments'));
  t.strictSame(rulesFor('flinksessionjobs'), [
    { apiGroups: ['flink.apache.org'], resources: ['flinksessionjobs'], verbs: ['get', 'patch'] },
    { apiGroups: ['flink.apache.org'], resources: ['flinkdeployments'], verbs: ['get'] },
  ]);
  t.end();
});

/** The plan of the body in src/webhooks/README.md. */
const PLAN = sampleFacts({
  operators: [
    sampledOperator({
      currentParallelism: 1,
      desiredParallelism: 12,
      reason: reasonWith({
        suspendedRatio: 0.9,
        offeredRatio: 10,
        expectedBusy: 0.84,
        neededInstances: 10.2,
        effectiveBusy: null,
        fullBusy: null,
        pendingPackets: 812.5,
        processingRate: 1667,
      }),
    }),
    sampledOperator({
      operator: 'count',
      currentParallelism: 1,
      desiredParallelism: 24,
      labels: { job_id: 'a1', task_id: 'c3' },
      reason: reasonWith({
        suspendedRatio: 0,
        offeredRatio: 10,
        expectedBusy: 0.83,
        neededInstances: 20,
        effectiveBusy: null,
        fullBusy: null,
        pendingPackets: 3,
        processingRate: 1667,
      }),
    }),
  ],
});

await t.test('the body in the documents is the one that is sent', (t) => {
  t.strictSame(JSON.parse(blockWith('"dhalion.scale_up"')), webhookBodyOf(PLAN));
  t.end();
});

await t.test('the recipes render to what Kubernetes and Heron take', (t) => {
  const request = (word: string, name: string) => {
    const webhook = configurationOf(blockWith(word)).webhooks.get(name);
    if (webhook === undefined) throw new Error(`no webhook ${name}`);
    return webhookTypeOf(webhook).renderRequest(webhook, webhookBodyOf(PLAN));
  };
  t.match(request('kubernetes:', 'kubernetes'), {
    url: 'https://kubernetes.default.svc/apis/apps/v1/namespaces/streams/deployments/wordcount-split/scale',
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: '{"spec":{"replicas":12}}',
  });
  t.match(request('heron-apiserver', 'heron'), {
    url: 'http://heron-apiserver:9000/api/v1/topologies/local/default/prod/wordcount/update',
    method: 'POST',
    contentType: 'application/x-www-form-urlencoded',
    body: 'component_parallelism=split:12&component_parallelism=count:24',
  });
  t.end();
});

await t.test('the engine of the documents senses the series it is written for', async (t) => {
  const { engines, discoveries } = configurationOf(blockWith('millrace:'));
  const engine = engines.get('millrace');
  if (engine === undefined) throw new Error('no engine millrace');
  const perSecond = (rate: number) => (beforeEndS: number) => 1e6 - rate * beforeEndS;
  const history = ['read', 'parse'].flatMap((stage) =>
    ['0', '1'].flatMap((worker) => {
      const labels = { env: 'prod', pipeline: 'orders', stage, worker };
      const span = { from: 600 };
      return [
        series('millrace_blocked_on_output_seconds_total', labels, perSecond(stage === 'read' ? 0.5 : 0), span),
        series('millrace_input_queue_batches', labels, stage === 'read' ? 0 : 40, span),
        series('millrace_records_total', labels, perSecond(100), span),
        series('millrace_busy_seconds_total', labels, perSecond(stage === 'read' ? 0.2 : 1), span),
        ...(stage === 'read' ? [series('millrace_source_lag_records', labels, 3000, span)] : []),
      ];
    }),
  );
  const sensing = await senseAt(await clientWithHistory(t, history), { engine, discoveries });
  t.strictSame(sensing.failures, []);
  t.equal(topologyIn(sensing, 'orders').measurement.operators.length, 2);
  const read = operatorIn(sensing, 'orders', 'read');
  t.match(read, { spec: { role: 'source' }, parallelism: 2, incompleteBecause: null });
  near(t, measured(read.backpressure).mean, 0.5);
  t.equal(measured(read.sourceBacklog).total, 6000);
  const parsing = operatorIn(sensing, 'orders', 'parse');
  t.match(parsing, { spec: { role: 'inner' }, sourceBacklog: { kind: 'not_applicable' } });
  near(t, measured(parsing.processingRate).total, 200);
  near(t, measured(parsing.busy).mean, 1);
  t.equal(measured(parsing.pendingPackets).mean, 40);
});
