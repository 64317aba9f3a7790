import t from 'tap';
import { readdir, readFile } from 'node:fs/promises';
import { METRIC_CATALOGUE, renderMetricTable } from '../../src/metrics/metric-catalogue.js';

await t.test('names are unique and follow the naming rules', (t) => {
  const names = METRIC_CATALOGUE.map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
  for (const { name, type, help, labels } of METRIC_CATALOGUE) {
    t.match(name, /^dhalion_[a-z]+(_[a-z]+)*$/);
    t.equal(name.endsWith('_total'), type === 'counter', name);
    t.match(help, /^[A-Z].*\.$/, name);
    t.notMatch(labels, ['job'], name);
    t.notOk(
      labels.some((label) => ['job', 'instance', 'le', 'type'].includes(label)),
      name,
    );
  }
  t.end();
});

await t.test('the reference table has a row a metric', (t) => {
  const lines = renderMetricTable().trimEnd().split('\n');
  t.equal(lines.length, METRIC_CATALOGUE.length + 2);
  const row = lines.find((line) => line.includes('dhalion_symptom'));
  t.match(row, /^\| `dhalion_symptom` \| gauge \| `topology`, `operator`, `symptom` \| Whether .*\. \|$/);
  t.ok(
    lines.every((line) => line.replaceAll('\\|', '').split('|').length === 6),
    'no cell breaks the table',
  );
  t.end();
});

// The demo asks Prometheus as a user would, from outside: there the names are written out on purpose.
const OUTSIDERS = 'commands/demo/';

await t.test('no other source file spells the name of a metric', async (t) => {
  const root = new URL('../../src/', import.meta.url);
  const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith('.ts'));
  t.ok(files.length > 5);
  for (const file of files.filter((file) => !file.endsWith('metric-catalogue.ts') && !file.startsWith(OUTSIDERS))) {
    const source = await readFile(new URL(file, root), 'utf8');
    const spelt = METRIC_CATALOGUE.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(source));
    t.strictSame(
      spelt.map(({ name }) => name),
      [],
      file,
    );
  }
});
