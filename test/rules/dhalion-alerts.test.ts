// The shipped alert rules agree with the model, and promtool accepts them.
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { METRIC_CATALOGUE } from '../../src/metrics/metric-catalogue.js';
import { DIAGNOSES, type DiagnosisName } from '../../src/model/diagnosis.js';
import { RESOLVER_OF } from '../../src/model/resolver.js';
import { readDashboards } from '../support/dashboards.js';
import { runTool } from '../support/real-parts.js';

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
}

interface AlertCase {
  readonly alertname: string;
  readonly exp_alerts: readonly { readonly exp_labels: Readonly<Record<string, string>> }[];
}

const FILE = 'rules/dhalion-alerts.yml';
const HEALTH_TESTS = 'test/rules/health.test.yml';
const TESTS = ['test/rules/diagnoses.test.yml', HEALTH_TESTS];
const { groups } = parse(await readFile(FILE, 'utf8')) as RuleFile;
const rulesOf = (group: string): readonly AlertRule[] => groups.find(({ name }) => name === group)?.rules ?? [];
const alerts = groups.flatMap(({ rules }) => rules);

void t.test("the alert rules pass promtool's lint", async (t) => {
  const result = await runTool('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', FILE]);
  t.match(result, { code: 0, output: new RegExp(`SUCCESS: ${alerts.length} rules found`) });
});

for (const tests of TESTS) {
  void t.test(`${tests} holds`, async (t) => {
    const result = await runTool('promtool', ['test', 'rules', tests]);
    t.equal(result.code, 0, result.output);
  });
}

async function alertCases(file: string): Promise<readonly AlertCase[]> {
  const { tests } = parse(await readFile(file, 'utf8')) as { tests: { alert_rule_test: AlertCase[] }[] };
  return tests.flatMap((test) => test.alert_rule_test);
}

void t.test('every alert is unit-tested with promtool, firing and not firing', async (t) => {
  const cases = (await Promise.all(TESTS.map(alertCases))).flat();
  for (const { alert } of alerts) {
    const own = cases.filter(({ alertname }) => alertname === alert);
    t.ok(
      own.some(({ exp_alerts }) => exp_alerts.length > 0),
      `${alert} fires`,
    );
    t.ok(
      own.some(({ exp_alerts }) => exp_alerts.length === 0),
      `${alert} does not fire`,
    );
  }
});

const of = (selector: string): string => `max by (topology, operator, diagnosis) (${selector})`;
/** What gives capacity away waits longest, is not kept firing, and is bridged where it is unknown. */
const EXPRESSIONS: Readonly<Record<DiagnosisName, string>> = {
  underprovisioning: `${of('dhalion_diagnosis{diagnosis="underprovisioning"}')} == 1`,
  overprovisioning:
    `( ${of('dhalion_diagnosis{diagnosis="overprovisioning"}')} ` +
    `or ${of('last_over_time(dhalion_diagnosis{diagnosis="overprovisioning"}[7m])')} ) == 1 unless on (topology) ` +
    'max by (topology, operator) (max_over_time(dhalion_operator_parallelism[7m])) != ' +
    'min by (topology, operator) (min_over_time(dhalion_operator_parallelism[7m]))',
  slow_instances: `${of('dhalion_diagnosis{diagnosis="slow_instances"}')} == 1`,
  data_skew: `${of('dhalion_diagnosis{diagnosis="data_skew"}')} == 1`,
};

void t.test('every diagnosis has exactly one alert, with the resolver that answers it first', (t) => {
  const rules = rulesOf('dhalion-diagnoses');
  t.equal(rules.length, DIAGNOSES.length);
  for (const diagnosis of DIAGNOSES) {
    const own = rules.filter(({ expr }) => expr.includes(`diagnosis="${diagnosis}"`));
    t.equal(own.length, 1, diagnosis);
    t.equal(own[0]?.expr.trim().replaceAll(/\s+/g, ' '), EXPRESSIONS[diagnosis]);
    t.equal(own[0]?.labels['resolver'], RESOLVER_OF[diagnosis], diagnosis);
    const [holdsFor, outlives] = diagnosis === 'overprovisioning' ? ['15m', undefined] : ['1m', '5m'];
    t.equal(own[0]?.for, holdsFor, diagnosis);
    t.equal(own[0]?.keep_firing_for, outlives, diagnosis);
  }
  t.end();
});

void t.test('no alert about Dhalion itself can be taken for a diagnosis', async (t) => {
  t.ok(rulesOf('dhalion-health').length >= 10);
  for (const { alert, labels } of rulesOf('dhalion-health')) {
    t.notOk('diagnosis' in labels || 'resolver' in labels, alert);
  }
  // Labels that an expression gives: what promtool has found to fire.
  for (const { alertname, exp_alerts } of await alertCases(HEALTH_TESTS)) {
    for (const { exp_labels } of exp_alerts) t.notOk('diagnosis' in exp_labels, alertname);
  }
});

void t.test('alerts read only metrics that Dhalion has', (t) => {
  const known = new Set(METRIC_CATALOGUE.map(({ name }) => name));
  for (const { alert, expr, annotations } of alerts) {
    const read = `${expr} ${annotations['description'] ?? ''}`.match(/dhalion_\w+/g) ?? [];
    for (const name of read) t.ok(known.has(name), `${alert}: ${name}`);
  }
  t.end();
});

void t.test('every alert has a severity, a summary without variables, a description and a runbook', async (t) => {
  const readme = await readFile('rules/README.md', 'utf8');
  const sections = [...readme.matchAll(/^### (Dhalion\w+)$/gm)].map(([, name]) => name ?? '');
  t.same(
    [...sections].sort(),
    alerts.map(({ alert }) => alert).sort(),
    'one section an alert, and none without an alert',
  );
  for (const { alert, labels, annotations } of alerts) {
    // kube-prometheus inhibits `info`, and copies its labels.
    t.match(labels['severity'], 'resolver' in labels ? /^(warning|none)$/ : /^(critical|warning|info)$/, alert);
    t.match(annotations['summary'], /^[A-Z][^{}]+\.$/, alert);
    t.match(annotations['description'], /^[A-Z].+\.(\{\{ end \}\})?$/s, alert);
    t.equal(annotations['runbook_url'], `rules/README.md#${alert.toLowerCase()}`);
  }
});

void t.test('the dashboards that alerts lead to are shipped', async (t) => {
  const uids = (await readDashboards()).map(({ uid }) => uid);
  const urls = alerts.flatMap(({ annotations: { dashboard_url: url } }) => (url === undefined ? [] : [url]));
  t.ok(urls.length >= 14);
  for (const url of urls) {
    const [, uid = '', query] = /^\/d\/([\w-]+)(?:\?(.*))?$/.exec(url) ?? [];
    t.ok(uids.includes(uid), url);
    t.equal(query, uid === 'dhalion-loop' ? 'var-topology={{ $labels.topology | urlquery }}' : undefined);
  }
});

void t.test("the README's examples are YAML, and Prometheus accepts the one that is for it", async (t) => {
  const readme = await readFile('rules/README.md', 'utf8');
  const examples = [...readme.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text ?? '');
  for (const example of examples) t.type(parse(example), 'object');
  const forPrometheus = examples.filter((example) => /^scrape_configs:/m.test(example));
  t.equal(forPrometheus.length, 1);
  t.match(parse(forPrometheus[0] ?? ''), { scrape_configs: [{ job_name: 'dhalion', honor_labels: true }] });
  const folder = t.testdir();
  await symlink(resolve('rules'), join(folder, 'rules'));
  await writeFile(join(folder, 'prometheus.yml'), forPrometheus[0] ?? '');
  const result = await runTool('promtool', ['check', 'config', 'prometheus.yml'], folder);
  t.match(result, { code: 0, output: /rules\/dhalion-alerts\.yml\s+SUCCESS/ });
});
