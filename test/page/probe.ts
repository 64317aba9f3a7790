import t from 'tap';
import { chromiumFor } from '../support/chromium.js';
import { startTestService } from '../support/http-service.js';
import { sampleFleet, serviceOf } from '../support/page-samples.js';
import { openStatusPage, PHONE, DESKTOP } from '../support/status-page.js';
await t.test('probe', async (t) => {
  const browser = await chromiumFor(t);
  const { url } = await startTestService(t, { app: { version: '0.1.0' }, service: serviceOf(sampleFleet(Date.now())) });
  const { page } = await openStatusPage(t, browser, url, PHONE);
  await page.locator('details[data-details-of]:not([open]) > summary').evaluateAll((all) => { for (const s of all) (s as HTMLElement).click(); });
  await page.waitForTimeout(500);
  t.comment(await page.evaluate<string>(`JSON.stringify([document.documentElement.scrollWidth, innerWidth, visualViewport.scale, [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > 392 && !e.closest('.scroller')).map(e => e.tagName + '.' + e.className + ' ' + e.getBoundingClientRect().right).slice(0,20)])`));
  await page.screenshot({ path: '/tmp/shots/probe-phone.png', fullPage: true });
  const { page: desk } = await openStatusPage(t, browser, url, DESKTOP);
  await desk.locator('details[data-details-of]:not([open]) > summary').evaluateAll((all) => { for (const s of all) (s as HTMLElement).click(); });
  await desk.waitForTimeout(500);
  await desk.screenshot({ path: '/tmp/shots/probe-desk.png', fullPage: true });
});
