import t from 'tap';
import { policySchema } from '../../src/config/policy-schema.js';
import { renderReferenceTables } from '../../src/config/reference-table.js';

const markdown = renderReferenceTables();

await t.test('every row has four cells', (t) => {
  const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
  t.ok(rows.length > 90);
  for (const row of rows) t.equal(row.replaceAll('\\|', '').split('|').length, 6, row);
  t.end();
});

await t.test('a row says key, type, default and meaning', (t) => {
  const rows = [
    '| `url` | http or https URL | *required* |',
    '| `timeout` | duration of at least 1ms and at most 10m | `30s` |',
    '| `window` | duration of at least 1s and at most 1d | evaluation_interval |',
    '| `policy` | map: table `policy` | `{}` |',
    '| `mode` | one of enforce, dry_run, observe | `enforce` |',
    '| `max_parallelism` | whole number of at least 1 or null | none |',
    '| `labels.operator_instance` | label name | none |',
    '| `basic_auth.password_file` | file name | *required* |',
    '| `webhook.restart_instances` | name of a webhook | none |',
    '| `matchers` | text | `""` |',
  ];
  for (const row of rows) t.ok(markdown.includes(row), row);
  t.end();
});

await t.test('every policy key is listed once', (t) => {
  const policy = markdown.slice(markdown.indexOf('### `policy`'), markdown.indexOf('### `webhooks.NAME`'));
  for (const key of Object.keys(policySchema.properties)) t.equal(policy.split(`| \`${key}\` |`).length, 2, key);
  t.end();
});
