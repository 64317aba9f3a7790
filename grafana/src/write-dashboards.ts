// Writes the dashboards as JSON beside this folder; with --check it fails where a file differs. `npm run docs` calls it.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import * as prettier from 'prettier';
import { createLoopDashboard } from './loop-dashboard.js';
import { createServiceDashboard } from './service-dashboard.js';

const FOLDER = new URL('../dashboards/', import.meta.url);
const isCheck = process.argv.includes('--check');

await mkdir(FOLDER, { recursive: true });
for (const dashboard of [createLoopDashboard(), createServiceDashboard()]) await write(dashboard);

async function write(dashboard: Dashboard): Promise<void> {
  const file = fileURLToPath(new URL(`${String(dashboard.uid)}.json`, FOLDER));
  const name = `grafana/dashboards/${String(dashboard.uid)}.json`;
  const options = { ...(await prettier.resolveConfig(file)), parser: 'json' };
  const after = await prettier.format(JSON.stringify(withIds(dashboard)), options);
  const before = await readFile(file, 'utf8').catch(() => '');
  if (after === before) {
    process.stdout.write(`${name} is up to date\n`);
  } else if (isCheck) {
    process.stderr.write(`${name} is out of date: run \`npm run docs\` and commit it.\n`);
    process.exitCode = 1;
  } else {
    await writeFile(file, after);
    process.stdout.write(`wrote ${name}\n`);
  }
}

/** No id of its own, which Grafana gives; the panels are numbered in their order. */
function withIds(dashboard: Dashboard): Dashboard {
  const panels = dashboard.panels?.map((panel, index) => ({ ...panel, id: index + 1 }));
  return { id: null, ...dashboard, ...(panels === undefined ? {} : { panels }) };
}
