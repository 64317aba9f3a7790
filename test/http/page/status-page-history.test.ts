// The pictures of the past, in the real Chromium.
import t from 'tap';
import { eventually } from '../../support/dhalion-client.js';
import { chromiumFor } from '../../support/chromium.js';
import { serviceOf } from '../../support/fleet-service.js';
import { sampleHistory } from '../../support/histories.js';
import { startTestService } from '../../support/http-service.js';
import { sampleFleet } from '../../support/page-samples.js';
import { COLOR_RULES, attributesOf, DESKTOP, findBarriers, openStatusPage, PHONE } from '../../support/status-page.js';
import type { HistoryRange } from '../../../src/model/operator-history.js';

t.setTimeout(240_000);

const browser = await chromiumFor(t);
const WORDCOUNT = 'article[data-topology=wordcount]';

await t.test('each operator of an open topology has its charts, without faults for axe-core', async (t) => {
  const asked: string[] = [];
  const service = serviceOf(sampleFleet(Date.now()));
  const { url } = await startTestService(t, {
    service: {
      ...service,
      history: (topology, range) => {
        asked.push(topology);
        return service.history?.(topology, range) ?? Promise.resolve(null);
      },
    },
  });
  for (const device of [DESKTOP, PHONE]) {
    const { page, troubles } = await openStatusPage(t, browser, url, device);
    const history = page.locator(`${WORDCOUNT} .history`);
    await history.locator('.sparkline').first().waitFor();
    t.strictSame(await attributesOf(history.locator('[data-history-of-operator]'), 'data-history-of-operator'), [
      ...['source', 'split', 'count'],
    ]);
    t.equal(await history.locator('.sparkline').count(), 9);
    for (const line of await history.locator('.sparkline .line').all()) {
      const box = await line.boundingBox();
      t.ok(box !== null && box.width > 50 && box.x + box.width <= device.viewport.width, JSON.stringify(box));
    }
    t.ok((await history.locator('.gap').count()) >= 9, 'unknown stretches are visible');
    t.equal(
      await page.evaluate(`document.documentElement.scrollWidth <= ${device.viewport.width}`),
      true,
      'nothing sticks out',
    );
    await history.locator('.promql').first().locator('summary').click();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const rules = colorScheme === 'dark' ? COLOR_RULES : undefined;
      t.strictSame(await findBarriers(page, 'html', rules), [], `${device.viewport.width} wide, ${colorScheme}`);
    }
    t.strictSame(troubles, [], 'it contacts only the service, and follows its policy');
  }
  // Of the fleet the one in trouble is open, and nothing else.
  t.strictSame([...new Set(asked)], ['wordcount']);
});

await t.test('the actions on an operator are marked, and described', async (t) => {
  const { url } = await startTestService(t, { service: serviceOf(sampleFleet(Date.now())) });
  const { page } = await openStatusPage(t, browser, url);
  const count = page.locator(`${WORDCOUNT} [data-history-of-operator=count]`);
  await count.locator('.sparkline').first().waitFor();
  t.equal(await count.locator('.sparkline .action').count(), 6, 'two on each of three');
  t.match(await count.locator('.action-list li').allInnerTexts(), [
    /^\d\d:\d\d scale down 4 → 3: harmful, it did harm$/,
    /^\d\d:\d\d revert a scale down 3 → 4: resolved, /,
  ]);
});

await t.test('how far back is chosen by keyboard, and the focus stays', async (t) => {
  const ranges: (HistoryRange | null)[] = [];
  const service = serviceOf(sampleFleet(Date.now()));
  const { url } = await startTestService(t, {
    service: {
      ...service,
      history: (topology, range) => {
        ranges.push(range);
        return service.history?.(topology, range) ?? Promise.resolve(null);
      },
    },
  });
  const { page } = await openStatusPage(t, browser, url);
  const button = page.locator(`${WORDCOUNT} button[data-range="24h"]`);
  await button.focus();
  await page.keyboard.press('Enter');
  await page.locator(`${WORDCOUNT} .history[data-range="24h"]`).waitFor();
  t.strictSame(ranges, [null, '24h']);
  t.equal(await button.getAttribute('aria-pressed'), 'true');
  t.equal(await page.evaluate("document.activeElement.getAttribute('data-range')"), '24h');
});

await t.test('where Prometheus does not answer the page says so, and the rest stays', async (t) => {
  let isDown = true;
  const fleet = sampleFleet(Date.now());
  const { url } = await startTestService(t, {
    service: {
      ...serviceOf(fleet),
      history: (name) => {
        const shown = fleet.topologies.find(({ topology }) => topology === name);
        if (shown === undefined) return Promise.resolve(null);
        if (name === 'checkout') return Promise.reject(new Error('a bug'));
        return Promise.resolve(
          isDown
            ? { ...sampleHistory({ ...shown, evaluation: null }, { unknownBecause: 'Prometheus is unreachable' }) }
            : sampleHistory(shown, {}),
        );
      },
    },
  });
  const { page } = await openStatusPage(t, browser, url);
  const open = page.locator(WORDCOUNT);
  await open.locator('.unread').waitFor();
  t.equal(await open.locator('.unread').innerText(), 'The history is unavailable: Prometheus is unreachable');
  t.equal(await open.locator('.sparkline').count(), 0);
  t.equal(await open.locator('.graph').count(), 1);
  t.equal(await open.locator('tr[data-operator]').count(), 3);
  t.equal(await page.locator('[role=alert] .fault').count(), 0, 'the service is not called faulty');
  isDown = false;
  await page.locator(`${WORDCOUNT} button[data-range="1h"]`).click();
  await open.locator('.sparkline').first().waitFor();
  t.equal(await open.locator('.unread').count(), 0);
  await page.locator('article[data-topology=checkout] summary').first().click();
  const broken = page.locator('article[data-topology=checkout] .unread');
  t.match(await eventually('it is shown', () => broken.innerText()), 'internal error, see the log');
  t.equal(await open.locator('.sparkline').count(), 9, 'one that fails keeps no other back');
});
