// The shipped Alertmanager configuration routes every alert as the loop needs it.
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { parse } from 'yaml';
import { DIAGNOSES } from '../../src/model/diagnosis.js';
import { RESOLVER_OF } from '../../src/model/resolver.js';
import { alertmanagerFor, runTool } from '../support/real-parts.js';

const FILE = 'rules/alertmanager-example.yml';

interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly labels: Readonly<Record<string, string>> }[];
  }[];
}

/** Names of the receivers that an alert with these labels goes to. */
async function receiversOf(labels: Readonly<Record<string, string>>): Promise<string[]> {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const { code, stdout, output } = await runTool('amtool', [
    'config',
    'routes',
    'test',
    `--config.file=${FILE}`,
    ...pairs,
  ]);
  t.equal(code, 0, output);
  return stdout.trim().split(',');
}

async function rules(): Promise<RuleFile['groups'][number]['rules']> {
  const { groups } = parse(await readFile('rules/dhalion-alerts.yml', 'utf8')) as RuleFile;
  return groups.flatMap((group) => group.rules);
}

void t.test('amtool and Alertmanager accept it', async (t) => {
  t.match(await runTool('amtool', ['check-config', FILE]), { code: 0, output: /SUCCESS/ });
  const { url } = await alertmanagerFor(t, { config: await readFile(FILE, 'utf8') });
  t.match(url, /^http:/);
});

void t.test('diagnoses go to the webhook, and also to people unless only Dhalion needs them', async (t) => {
  for (const diagnosis of DIAGNOSES) {
    const resolver = RESOLVER_OF[diagnosis];
    const rule = (await rules()).find(({ labels }) => labels['resolver'] === resolver);
    const labels = {
      alertname: rule?.alert ?? '',
      ...rule?.labels,
      topology: 'wordcount',
      operator: 'split',
      diagnosis,
    };
    const expected = rule?.labels['severity'] === 'none' ? ['dhalion'] : ['dhalion', 'people'];
    t.same(await receiversOf(labels), expected, diagnosis);
  }
});

void t.test('alerts about Dhalion itself, and everything else, go to people only', async (t) => {
  for (const { alert, labels } of await rules()) {
    if ('resolver' in labels) continue;
    const all = { alertname: alert, ...labels, topology: 'wordcount', operator: 'split' };
    t.same(await receiversOf(all), ['people'], alert);
  }
  // DhalionActionFailing is about a resolver and no diagnosis.
  t.same(await receiversOf({ alertname: 'DhalionActionFailing', resolver: 'scale_up' }), ['people']);
  t.same(await receiversOf({ alertname: 'NodeDown', severity: 'critical' }), ['people']);
  t.same(await receiversOf({ alertname: 'Other', diagnosis: 'flu' }), ['people']);
  const copied = { diagnosis: 'overprovisioning', resolver: 'scale_down', topology: 'wordcount', operator: 'split' };
  t.same(await receiversOf({ alertname: 'InfoInhibitor', severity: 'none', ...copied }), ['people']);
});

void t.test('the intervals of the webhook route are those the loop was designed for', async (t) => {
  const config = parse(await readFile(FILE, 'utf8')) as {
    route: { routes: Record<string, unknown>[] };
    receivers: Record<string, unknown>[];
  };
  t.match(config.route.routes[0], {
    receiver: 'dhalion',
    group_by: ['topology'],
    group_wait: '5s',
    group_interval: '1m',
    repeat_interval: '1m',
    continue: true,
  });
  t.match(config.receivers[0], {
    name: 'dhalion',
    webhook_configs: [{ url: 'http://127.0.0.1:10017/api/v1/alerts', send_resolved: true, max_alerts: 0 }],
  });
});
