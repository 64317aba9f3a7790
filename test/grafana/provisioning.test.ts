// The provisioning files have the keys that Grafana documents, and agree with the README.
import { readFile, readdir } from 'node:fs/promises';
import t from 'tap';
import { parse } from 'yaml';
import type { RulesPart } from '../../src/commands/rules/rule-settings.js';
import { readDashboards } from '../support/dashboards.js';
import { firstCellsOf, readDocument } from '../support/markdown.js';
import { printRules } from '../support/print-rules.js';

type Keyed = Readonly<Record<string, unknown>>;

const PROVIDER_KEYS = [
  ...['name', 'orgId', 'folder', 'folderUid', 'type', 'disableDeletion', 'updateIntervalSeconds', 'allowUiUpdates'],
  'options',
];
const DATASOURCE_KEYS = ['name', 'uid', 'type', 'access', 'orgId', 'url', 'isDefault', 'editable', 'jsonData'];

async function entryOf(file: string, list: string): Promise<Keyed> {
  const document = parse(await readFile(`grafana/provisioning/${file}`, 'utf8')) as Keyed;
  t.strictSame(Object.keys(document), ['apiVersion', list]);
  t.equal(document['apiVersion'], 1);
  const [entry, ...more] = document[list] as Keyed[];
  t.equal(more.length, 0);
  return entry ?? {};
}

void t.test('the provider loads a folder of files that the README fills', async (t) => {
  const provider = await entryOf('dashboards/dhalion.yml', 'providers');
  for (const key of Object.keys(provider)) t.ok(PROVIDER_KEYS.includes(key), key);
  t.match(provider, { type: 'file', disableDeletion: false, allowUiUpdates: false });
  const { path } = provider['options'] as { path: string };
  t.match(await readDocument('grafana/README.md'), `cp grafana/dashboards/*.json ${path}/`);
});

void t.test('the data source is a Prometheus that is asked by the server', async (t) => {
  const datasource = await entryOf('datasources/prometheus.yml', 'datasources');
  for (const key of Object.keys(datasource)) t.ok(DATASOURCE_KEYS.includes(key), key);
  t.match(datasource, { type: 'prometheus', access: 'proxy', jsonData: { httpMethod: 'POST' } });
});

void t.test('the commands for the links change every dashboard', async (t) => {
  const readme = await readDocument('grafana/README.md');
  const commands = [...readme.matchAll(/^dhalion rules (\S+) --runbook-url=(\S+) > (\S+)$/gm)];
  const files = (await readdir('grafana/dashboards')).filter((file) => file.endsWith('.json'));
  t.strictSame(commands.map(([, , , file]) => file).sort(), files.sort());
  for (const [, part = '', runbookUrl = ''] of commands) {
    const links = await printRules({ part: part as RulesPart, runbookUrl });
    t.match(links, 'https://YOUR-HOST/dhalion/blob/main', part);
    t.notMatch(links, '"query": ""', part);
  }
});

void t.test('the README has every row and every variable', async (t) => {
  const readme = await readDocument('grafana/README.md');
  const dashboards = await readDashboards();
  const variables = dashboards.flatMap(({ templating }) => templating.list.map(({ name }) => name));
  t.strictSame([...firstCellsOf(readme, 'variable')].sort(), [...new Set(variables)].sort());
  for (const { title, panels } of dashboards) {
    const rows = panels.filter(({ type }) => type === 'row').map((row) => row.title.split(':')[0]);
    const section = readme.slice(readme.indexOf(`## ${title}\n`));
    t.strictSame(firstCellsOf(section, 'row'), rows, title);
  }
});
