// The Prometheus operator makes files of these objects: they are made here as it makes them, and the real tools read them.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parseAllDocuments, stringify } from 'yaml';
import { parseGroups, type Rule } from '../../../src/commands/manifests/rule-groups.js';
import { print, type AlertmanagerConfig, type PrintedObject } from '../../support/printed-manifests.js';
import { folderFor, runTool } from '../../support/real-parts.js';

const configuration = (interval: string, engine = 'flink'): string =>
  `prometheus: { url: http://prometheus.monitoring.svc:9090 }
evaluation_interval: ${interval}
window: 5m
topologies: [{ discover: '.*', engine: ${engine} }]
`;
const MONITORED = { prometheusOperator: true };

const printed = await print(t, configuration('5m'), MONITORED);
const shipped = await readFile('rules/dhalion-alerts.yml', 'utf8');

function rulesOf(groups: readonly { readonly rules: readonly Rule[] }[]): ReadonlyMap<string, Rule> {
  return new Map(groups.flatMap(({ rules }) => rules.map((rule) => [rule.alert ?? '', rule])));
}

await t.test('the rules are the shipped ones, with the namespace that the operator routes by', (t) => {
  const { groups } = printed.the('PrometheusRule').spec;
  const alerts = groups.flatMap(({ rules }) => rules);
  t.ok(alerts.length > 10);
  for (const { alert, labels } of alerts) t.equal(labels?.['namespace'], 'streams', alert ?? 'no alert');
  const without = groups.map((group) => ({
    ...group,
    rules: group.rules.map(({ labels: { namespace: _, ...labels } = {}, ...rule }) => ({ ...rule, labels })),
  }));
  t.strictSame(without, parseGroups(shipped));
  t.end();
});

await t.test('promtool finds nothing wrong with them, whatever they follow', async (t) => {
  const folder = await folderFor(t);
  for (const [interval, engine] of [
    ['5m', 'flink'],
    ['1m', 'flink'],
    ['1h', 'heron'],
    ['90s', 'recorded'],
  ] as const) {
    const followed = await print(t, configuration(interval, engine), MONITORED);
    for (const { metadata, spec } of followed.of('PrometheusRule')) {
      const file = join(folder, `${metadata.name}.yml`);
      await writeFile(file, stringify(spec));
      const checked = await runTool('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', file]);
      t.match(checked, { code: 0 }, `${interval}: ${metadata.name}`);
    }
  }
});

await t.test('they follow the evaluation interval, as rules/README.md has it', async (t) => {
  const at = async (interval: string): Promise<ReadonlyMap<string, Rule>> =>
    rulesOf((await print(t, configuration(interval), MONITORED)).the('PrometheusRule').spec.groups);
  const minutely = await at('1m');
  t.match(minutely.get('DhalionUnderprovisioned'), { for: '1m', keep_firing_for: '1m' });
  t.notOk('keep_firing_for' in (minutely.get('DhalionOverprovisioned') ?? {}));
  t.match(minutely.get('DhalionOverprovisioned'), { expr: /(\[5m\].+){3}/s });
  t.match(minutely.get('DhalionEvaluationLate'), { expr: / > 180$/ });
  t.match(minutely.get('DhalionEvaluationFailing'), { expr: /\[10m\]/, for: '15m' });
  const slowly = await at('10m');
  t.match(slowly.get('DhalionDataSkew'), { keep_firing_for: '10m' });
  t.match(slowly.get('DhalionEvaluationLate'), { expr: / > 1800$/ });
  t.match(slowly.get('DhalionEvaluationFailing'), { expr: /\[20m\]/, for: '30m' });
});

await t.test('their links lead to the addresses that are given', async (t) => {
  const linked = `grafana_url: https://grafana.test\n${configuration('5m')}`;
  const flags = { ...MONITORED, runbookUrl: 'https://git.test/dhalion/blob/main/' };
  for (const [alert, { annotations }] of rulesOf((await print(t, linked, flags)).the('PrometheusRule').spec.groups)) {
    t.match(annotations?.['runbook_url'], /^https:\/\/git\.test\/dhalion\/blob\/main\/rules\/README\.md#/, alert);
    t.match(annotations?.['dashboard_url'], /^https:\/\/grafana\.test\/d\/dhalion-/, alert);
  }
});

await t.test('recording rules are printed only if a topology uses them', async (t) => {
  const names = async (engine: string): Promise<readonly string[]> =>
    (await print(t, configuration('5m', engine), MONITORED)).of('PrometheusRule').map(({ metadata }) => metadata.name);
  t.strictSame(await names('heron'), ['dhalion']);
  t.strictSame(await names('recorded'), ['dhalion', 'dhalion-recording-flink', 'dhalion-recording-heron']);
});

await t.test('the route is the shipped one', (t) => {
  const { route, receivers } = printed.the('AlertmanagerConfig').spec;
  t.strictSame(
    route.matchers.map(({ name, matchType, value }) => `${name}${matchType}"${value}"`),
    ['alertname=~"Dhalion.+"', 'diagnosis=~".+"', 'resolver=~".+"'],
  );
  t.match(route, { groupBy: ['topology'], groupWait: '5s', groupInterval: '1m', repeatInterval: '1m' });
  t.match(receivers, [{ name: route.receiver, webhookConfigs: [{ sendResolved: true, maxAlerts: 0 }] }]);
  t.end();
});

/**
 * As the operator puts it into an Alertmanager's configuration, by default: before the routes that are there, going on to them, and only
 * for alerts of its own namespace.
 */
function asOperatorWould({ metadata, spec }: PrintedObject & AlertmanagerConfig): string {
  const { namespace, name } = metadata;
  const { matchers, groupBy, groupWait, groupInterval, repeatInterval, receiver } = spec.route;
  const nameOf = (own: string): string => `${namespace}/${name}/${own}`;
  return stringify({
    route: {
      receiver: 'people',
      routes: [
        {
          receiver: nameOf(receiver),
          matchers: [
            `namespace="${namespace}"`,
            ...matchers.map((matcher) => `${matcher.name}${matcher.matchType}${JSON.stringify(matcher.value)}`),
          ],
          ...{
            group_by: groupBy,
            group_wait: groupWait,
            group_interval: groupInterval,
            repeat_interval: repeatInterval,
          },
          continue: true,
        },
        { receiver: 'people' },
      ],
    },
    receivers: [
      ...spec.receivers.map(({ name: own, webhookConfigs }) => ({
        name: nameOf(own),
        webhook_configs: webhookConfigs.map(({ url, sendResolved, maxAlerts }) => ({
          ...{ url, send_resolved: sendResolved, max_alerts: maxAlerts },
        })),
      })),
      { name: 'people' },
    ],
  });
}

async function receiversOf(t: Test, labels: Readonly<Record<string, string>>): Promise<string> {
  const file = join(await folderFor(t), 'alertmanager.yml');
  await writeFile(file, asOperatorWould(printed.the('AlertmanagerConfig')));
  t.match(await runTool('amtool', ['check-config', file]), { code: 0 });
  const given = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return (await runTool('amtool', ['config', 'routes', 'test', `--config.file=${file}`, ...given])).stdout.trim();
}

await t.test(
  'every alert on a diagnosis reaches Dhalion and then people; alerts on Dhalion reach people',
  async (t) => {
    for (const [group, expected] of [
      ['dhalion-diagnoses', 'streams/dhalion/dhalion,people'],
      ['dhalion-health', 'people'],
    ] as const) {
      const rules = printed.the('PrometheusRule').spec.groups.find(({ name }) => name === group)?.rules ?? [];
      t.ok(rules.length > 0);
      for (const { alert = '', labels = {}, expr } of rules) {
        // Those of the rule, and what its expression keeps.
        const [, diagnosis] = /dhalion_diagnosis\{diagnosis="(\w+)"\}/.exec(expr) ?? [];
        const seen = {
          alertname: alert,
          topology: 'wordcount',
          ...(diagnosis === undefined ? {} : { diagnosis }),
          ...labels,
        };
        t.equal(await receiversOf(t, seen), expected, alert);
      }
    }
  },
);

await t.test('without the label namespace, or with another, no alert would reach Dhalion', async (t) => {
  const labels = {
    alertname: 'DhalionUnderprovisioned',
    topology: 'a',
    diagnosis: 'underprovisioning',
    resolver: 'scale_up',
  };
  t.equal(await receiversOf(t, labels), 'people');
  t.equal(await receiversOf(t, { ...labels, namespace: 'elsewhere' }), 'people');
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
}

/** Paths of what a structural schema does not have: the API server refuses each. */
function undeclared(value: unknown, schema: Schema | undefined, path: string): readonly string[] {
  if (schema === undefined) return [path];
  if (Array.isArray(value)) return value.flatMap((item) => undeclared(item, schema.items, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) =>
    undeclared(below, schema.properties?.[key] ?? schema.additionalProperties, `${path}.${key}`),
  );
}

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly [{ readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }];
  };
}

await t.test('no field is one that the definitions of `npm run e2e:kubernetes` lack', async (t) => {
  const text = await readFile('test/e2e/kubernetes/crds/monitoring.yaml', 'utf8');
  const definitions = parseAllDocuments(text, { merge: true }).map((document) => document.toJS() as Definition);
  t.equal(definitions.length, 3);
  for (const { spec } of definitions) {
    const [version] = spec.versions;
    const object = printed.objects.find(({ kind }) => kind === spec.names.kind);
    t.equal(object?.apiVersion, `${spec.group}/${version.name}`);
    t.strictSame(undeclared(object?.['spec'], version.schema.openAPIV3Schema.properties?.['spec'], 'spec'), []);
  }
  t.strictSame(undeclared({ a: [{ b: 1 }] }, { properties: { a: { items: {} } } }, 'spec'), ['spec.a[].b']);
});
