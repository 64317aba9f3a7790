// `dhalion rules` prints what ships, made for an installation.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { RULES_PARTS, type RulesPart } from '../../../src/commands/rules/rule-settings.js';
import { printRules } from '../../support/print-rules.js';
import { runTool } from '../../support/real-parts.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

async function printedRules(flags: Parameters<typeof printRules>[0]): Promise<readonly Rule[]> {
  const { groups } = parse(await printRules(flags)) as { groups: readonly { rules: readonly Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

const SHIPPED: Readonly<Record<RulesPart, string>> = {
  alerts: 'rules/dhalion-alerts.yml',
  alertmanager: 'rules/alertmanager-example.yml',
  'loop-dashboard': 'grafana/dashboards/dhalion-loop.json',
  'service-dashboard': 'grafana/dashboards/dhalion-service.json',
};

void t.test('without flags it prints the shipped files', async (t) => {
  for (const part of RULES_PARTS) t.equal(await printRules({ part }), await readFile(SHIPPED[part], 'utf8'), part);
});

void t.test('the rules of any interval are rules, and the route is one', async (t) => {
  const folder = t.testdir();
  for (const evaluationInterval of ['1s', '15s', '1m', '90s', '10m', '1d']) {
    const rules = join(folder, `rules-${evaluationInterval}.yml`);
    await writeFile(rules, await printRules({ evaluationInterval, labels: ['team=a "b": {c}', 'site=x'] }));
    t.match(
      await runTool('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', rules]),
      { code: 0, output: /SUCCESS: 17 rules found/ },
      evaluationInterval,
    );
    const route = join(folder, `route-${evaluationInterval}.yml`);
    await writeFile(route, await printRules({ part: 'alertmanager', evaluationInterval }));
    t.match(await runTool('amtool', ['check-config', route]), { code: 0 }, evaluationInterval);
  }
});

void t.test('each flag is met in every alert', async (t) => {
  const rules = await printedRules({
    job: 'monitoring/dhalion',
    labels: ['team=streams', 'note=50% "of" it'],
    runbookUrl: 'https://git.test/dhalion/blob/main/',
    grafanaUrl: 'https://grafana.test/',
  });
  for (const { alert, labels, annotations } of rules) {
    t.match(labels, { team: 'streams', note: '50% "of" it' }, alert);
    t.match(annotations['runbook_url'], /^https:\/\/git\.test\/dhalion\/blob\/main\/rules\/README\.md#/, alert);
    t.match(annotations['dashboard_url'], /^https:\/\/grafana\.test\/d\/dhalion-/, alert);
  }
  const down = rules.find(({ alert }) => alert === 'DhalionDown');
  t.match(down, {
    expr: 'absent(up{job="monitoring/dhalion"} == 1)',
    annotations: { description: 'No target of the scrape job monitoring/dhalion has' },
  });
});

void t.test('the route leads to the address of Dhalion', async (t) => {
  const text = await printRules({ part: 'alertmanager', dhalionUrl: 'https://dhalion.test:8443/behind/' });
  t.match(parse(text), {
    receivers: [{ webhook_configs: [{ url: 'https://dhalion.test:8443/behind/api/v1/alerts' }] }, { name: 'people' }],
  });
});

void t.test('the dashboards lead to the runbooks, and have steps of an evaluation', async (t) => {
  const part = 'service-dashboard';
  const text = await printRules({ part, runbookUrl: 'https://git.test/d/', evaluationInterval: '1m' });
  t.match(text, '"query": "https://git.test/d"');
  t.notMatch(text, /example\.com|"query": ""|"interval": "5m"/);
  t.match(text, '"interval": "1m"');
  t.ok(JSON.parse(text));
});

void t.test(
  'a configuration gives the interval and the address of Grafana, also where the files that it names are elsewhere',
  async (t) => {
    const configFile = join(t.testdir(), 'dhalion.yml');
    await writeFile(
      configFile,
      'prometheus: {url: "http://prometheus:9090", http_config: {authorization: {credentials_file: /not/here}}}\n' +
        'evaluation_interval: 1m\ngrafana_url: https://grafana.test/\ntopologies: [{discover: ".*", engine: flink}]\n',
    );
    const fromFile = await printRules({ configFile });
    t.equal(fromFile, await printRules({ evaluationInterval: '1m', grafanaUrl: 'https://grafana.test' }));
    const elsewhere = await printRules({ configFile, grafanaUrl: 'https://other.test' });
    t.notMatch(elsewhere, 'https://grafana.test', 'the flag wins');
    t.match(fromFile, 'keep_firing_for: 1m\n');
    for (const range of [
      'last_over_time(dhalion_diagnosis{diagnosis="overprovisioning"}[5m])',
      'max_over_time(dhalion_operator_parallelism[5m])',
      'min_over_time(dhalion_operator_parallelism[5m])',
    ])
      t.match(fromFile, range);
  },
);

void t.test('an invalid flag is quoted as written', async (t) => {
  const refused = [
    [{ evaluationInterval: '1' }, '--evaluation-interval "1" is not a duration of whole seconds from 1s to 1d'],
    [{ evaluationInterval: '500ms' }, '--evaluation-interval "500ms" is not'],
    [{ evaluationInterval: '2d' }, '--evaluation-interval "2d" is not'],
    [{ scaleDownAfter: 'soon' }, '--scale-down-after "soon" is not'],
    [{ job: 'a"b' }, '--job "a\\"b": a job may have only letters, digits and _ . / : -'],
    [{ labels: ['team'] }, '--label "team" is not NAME=VALUE'],
    [{ labels: ['a-b=c'] }, '--label "a-b=c" is not NAME=VALUE'],
    [{ labels: ['severity=page'] }, '--label severity=page: the rules use the label severity'],
    [{ labels: ['team=a', 'team=b'] }, '--label team=b: team is given twice'],
    [{ runbookUrl: 'git.test/d' }, '--runbook-url "git.test/d" is not an http or https URL without a query'],
    [{ grafanaUrl: 'https://g.test/?a=b' }, '--grafana-url "https://g.test/?a=b" is not'],
    [{ grafanaUrl: 'https://g.test/?' }, '--grafana-url "https://g.test/?" is not'],
    [{ grafanaUrl: 'https://me:secret@g.test' }, /^--grafana-url must not hold credentials: the output shows them$/],
    [{ dhalionUrl: 'https://d.test/{{ x }}' }, '--dhalion-url "https://d.test/{{ x }}" is not'],
  ] as const;
  for (const [flags, message] of refused) {
    await t.rejects(printRules(flags), { code: 'flag_invalid', message }, JSON.stringify(flags));
  }
});
