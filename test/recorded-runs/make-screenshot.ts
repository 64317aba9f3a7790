// `npm run backtest-screenshot`: the picture of a backtest's page in src/commands/README.md, of a recorded run.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { programPath } from '../support/real-parts.js';
import { backtestRuns } from './backtest-runs.js';
import { parseRecordedRun } from './recorded-run.js';

const NAME = 'query-3_dhalion_05';
const CSV = fileURLToPath(new URL(`../fixtures/recorded-runs/${NAME}.csv`, import.meta.url));
const PICTURE = fileURLToPath(new URL('../../.github/images/backtest-report.png', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'dhalion-screenshot-'));
const browser = await chromium.launch({
  executablePath: await programPath('chromium'),
  chromiumSandbox: process.getuid?.() !== 0,
  args: ['--disable-gpu', '--disable-background-networking'],
});
try {
  const run = parseRecordedRun(NAME, await readFile(CSV, 'utf8'));
  await backtestRuns({ runs: [run], parallelism: 'largest', folder });
  const page = await browser.newPage({ viewport: { width: 1200, height: 1240 }, colorScheme: 'light' });
  await page.goto(`file://${join(folder, `${NAME}.html`)}`);
  await page.waitForSelector('canvas');
  await page.screenshot({ path: PICTURE });
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}
