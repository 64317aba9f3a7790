// `npm run screenshots`: writes the pictures of the status page that the README shows, from a fleet made up for them.
// An argument names another folder.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import t from 'tap';
import type { BrowserContextOptions } from 'playwright-core';
import { chromiumFor } from '../support/chromium.js';
import { startTestService } from '../support/http-service.js';
import { serviceOf } from '../support/fleet-service.js';
import { sampleFleet } from '../support/page-samples.js';

const IMAGES = fileURLToPath(new URL('../../.github/images/', import.meta.url));
const DESKTOP = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };

const folder = process.argv[2] ?? IMAGES;

await t.test('the pictures of the status page are taken', async (t) => {
  const browser = await chromiumFor(t);
  await mkdir(folder, { recursive: true });
  const { url } = await startTestService(t, { app: { version: '0.1.0' }, service: serviceOf(sampleFleet(Date.now())) });
  const take = async (name: string, options: BrowserContextOptions): Promise<void> => {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    const page = await context.newPage();
    await page.goto(url);
    await page.locator('[data-freshness=live]').waitFor();
    await page.locator('article[data-topology=wordcount] .graph').waitFor();
    await page.screenshot({ path: join(folder, name) });
    await context.close();
    t.pass(`${name} is written`);
  };
  await take('status-page.png', { viewport: DESKTOP, colorScheme: 'light' });
  await take('status-page-dark.png', { viewport: DESKTOP, colorScheme: 'dark' });
  await take('status-page-phone.png', { viewport: PHONE, colorScheme: 'light', isMobile: true, hasTouch: true });
});
