// Beside kube-prometheus' stock configuration, no alert but Dhalion's own is acted on, and none of Dhalion's is inhibited.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parse, stringify } from 'yaml';
import { eventually } from '../support/dhalion-client.js';
import { startTestService, type TestService } from '../support/http-service.js';
import { alertmanagerFor, folderFor, prometheusFor, runTool } from '../support/real-parts.js';

/** What kube-prometheus has in its general.rules. */
const STOCK_RULES = {
  name: 'general.rules',
  rules: [
    { alert: 'Watchdog', expr: 'vector(1)', labels: { severity: 'none' } },
    {
      alert: 'InfoInhibitor',
      expr: 'ALERTS{severity = "info"} == 1 unless on(namespace) ALERTS{alertname != "InfoInhibitor", severity =~ "warning|critical", alertstate="firing"} == 1',
      labels: { severity: 'none' },
    },
  ],
};

/** A rule of somebody else's, of somebody else's autoscaler, that has been pending for an hour. */
const SOMEBODY_ELSES = {
  name: 'somebody-elses',
  rules: [
    {
      alert: 'JobsIdle',
      expr: 'vector(1)',
      for: '1h',
      labels: {
        namespace: 'batch',
        severity: 'info',
        topology: 'theirs',
        operator: 'split',
        diagnosis: 'overprovisioning',
        resolver: 'scale_down',
      },
    },
  ],
};

/** As kube-prometheus' alertmanager-secret.yaml has them. */
const STOCK_INHIBITIONS = [
  {
    source_matchers: ['severity = critical'],
    target_matchers: ['severity =~ warning|info'],
    equal: ['namespace', 'alertname'],
  },
  { source_matchers: ['severity = warning'], target_matchers: ['severity = info'], equal: ['namespace', 'alertname'] },
  { source_matchers: ['alertname = InfoInhibitor'], target_matchers: ['severity = info'], equal: ['namespace'] },
];
const STOCK_ROUTES = [
  { matchers: ['alertname = Watchdog'], receiver: 'Watchdog' },
  { matchers: ['alertname = InfoInhibitor'], receiver: 'null' },
  { matchers: ['severity = critical'], receiver: 'Critical' },
];

interface Routing {
  readonly route: { readonly routes: readonly Readonly<Record<string, unknown>>[] };
}

/** kube-prometheus' configuration with the shipped routes in front, and one that takes everything to `everything`. */
async function alertmanagerConfig(dhalion: TestService, everything: TestService): Promise<string> {
  const shipped = parse(await readFile('rules/alertmanager-example.yml', 'utf8')) as Routing;
  const [toDhalion, toPeople] = shipped.route.routes;
  const soon = { group_wait: '1s', group_interval: '1s', repeat_interval: '1s' };
  const webhook = ({ url }: TestService) => [{ url: `${url}/api/v1/alerts`, send_resolved: true }];
  return stringify({
    inhibit_rules: STOCK_INHIBITIONS,
    route: {
      group_by: ['namespace'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '12h',
      receiver: 'Default',
      routes: [
        { receiver: 'everything', ...soon, continue: true },
        { ...toDhalion, ...soon },
        { ...toPeople, receiver: 'Default' },
        ...STOCK_ROUTES,
      ],
    },
    receivers: [
      ...['Default', 'Watchdog', 'Critical', 'null'].map((name) => ({ name })),
      { name: 'dhalion', webhook_configs: webhook(dhalion) },
      { name: 'everything', webhook_configs: webhook(everything) },
    ],
  });
}

/** Diagnoses as Dhalion exports them. */
const DIAGNOSES = {
  name: 'exported',
  rules: [
    ['underprovisioning', 'map'],
    ['overprovisioning', 'sink'],
  ].map(([diagnosis, operator]) => ({
    record: 'dhalion_diagnosis',
    expr: 'vector(1)',
    labels: { topology: 'ours', operator, diagnosis },
  })),
};

async function shippedRules(): Promise<string> {
  const text = await readFile('rules/dhalion-alerts.yml', 'utf8');
  return text.replaceAll(/^( *for): 1?[15]m$/gm, '$1: 1s').replaceAll(/^( *interval): 30s$/gm, '$1: 1s');
}

async function startPrometheus(t: Test, alertmanagerUrl: string): Promise<void> {
  await prometheusFor(t, {
    config: stringify({
      global: { evaluation_interval: '1s' },
      rule_files: ['dhalion.yml', 'others.yml'],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanagerUrl).host] }] }] },
    }),
    extraFiles: {
      'dhalion.yml': await shippedRules(),
      'others.yml': stringify({ groups: [DIAGNOSES, SOMEBODY_ELSES, STOCK_RULES] }),
    },
    extraArgs: ['--rules.alert.resend-delay=1s'],
  });
}

const namesOf = ({ accepted }: TestService): string[] =>
  [...new Set(accepted.map(({ topology, diagnosis }) => `${topology} ${diagnosis}`))].sort();
const OURS = ['ours overprovisioning', 'ours underprovisioning'];

void t.test('only Dhalion’s diagnoses are acted on, of all alerts of kube-prometheus', async (t) => {
  const [dhalion, everything] = await Promise.all([startTestService(t), startTestService(t)]);
  const { url } = await alertmanagerFor(t, { config: await alertmanagerConfig(dhalion, everything) });
  await startPrometheus(t, url);
  const ignoredBy = ({ recorded }: TestService, reason: 'other_alertname' | 'not_ours'): number =>
    recorded.reduce((sum, { ignored }) => sum + (ignored.get(reason) ?? 0), 0);
  const isTold = (name: string): boolean => everything.logLines.some(({ alertname }) => alertname === name);
  await eventually(
    'both diagnoses, InfoInhibitor and Watchdog',
    () =>
      namesOf(dhalion).length === 2 &&
      namesOf(everything).length === 2 &&
      isTold('InfoInhibitor') &&
      isTold('Watchdog'),
  );
  t.strictSame(namesOf(dhalion), OURS, 'the shipped route brings both, inhibited by nothing');
  t.strictSame([ignoredBy(dhalion, 'other_alertname'), ignoredBy(dhalion, 'not_ours')], [0, 0], 'and nothing else');
  t.strictSame(namesOf(everything), OURS, 'where everything arrives, the same is accepted');
  const told = everything.logLines.filter(({ level }) => level === 'warn');
  t.match(
    told.find(({ reason }) => reason === 'other_alertname'),
    { alertname: 'InfoInhibitor', because: /alerts\.alertname/ },
  );
  t.match(
    told.find(({ alertname }) => alertname === 'Watchdog'),
    { reason: 'not_ours' },
  );
});

void t.test('InfoInhibitor copies no diagnosis of Dhalion, pending or firing', async (t) => {
  const folder = await folderFor(t);
  await writeFile(join(folder, 'dhalion.yml'), await readFile('rules/dhalion-alerts.yml', 'utf8'));
  await writeFile(join(folder, 'stock.yml'), stringify({ groups: [STOCK_RULES] }));
  const series = (diagnosis: string) => ({
    series: `dhalion_diagnosis{topology="wordcount",operator="split",diagnosis="${diagnosis}"}`,
    values: '1x60',
  });
  const nothingAt = (time: string) => ({ alertname: 'InfoInhibitor', eval_time: time, exp_alerts: [] });
  await writeFile(
    join(folder, 'test.yml'),
    stringify({
      rule_files: ['dhalion.yml', 'stock.yml'],
      evaluation_interval: '30s',
      tests: [
        {
          interval: '30s',
          input_series: ['underprovisioning', 'overprovisioning', 'slow_instances', 'data_skew'].map(series),
          alert_rule_test: [nothingAt('30s'), nothingAt('5m'), nothingAt('25m')],
        },
        {
          interval: '30s',
          input_series: [series('overprovisioning')],
          alert_rule_test: [nothingAt('5m'), nothingAt('25m')],
        },
      ],
    }),
  );
  const { code, output } = await runTool('promtool', ['test', 'rules', 'test.yml'], folder);
  t.equal(code, 0, output);
});
