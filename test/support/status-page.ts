// The status page in the real Chromium; records everything that a page of this project must not do.
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Test } from 'tap';

export const DESKTOP = { viewport: { width: 1280, height: 860 } } as const;
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const;

export interface OpenedPage {
  readonly page: Page;
  /** Requests to other origins, violations of the content security policy, errors on the console, in words. */
  readonly troubles: readonly string[];
  /** Bytes of bodies by path, as transferred. */
  readonly weights: ReadonlyMap<string, number>;
}

/** Resolves when the page shows the answers, and is subscribed to changes. */
export async function openStatusPage(
  t: Test,
  browser: Browser,
  url: string,
  options: BrowserContextOptions = DESKTOP,
): Promise<OpenedPage> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  t.teardown(() => context.close());
  const page = await context.newPage();
  const troubles: string[] = [];
  const weights = new Map<string, number>();
  const { origin } = new URL(url);
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) troubles.push(`request to ${request.url()}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text());
  });
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    // A stream does not end.
    if (pathname === '/api/v1/events') return;
    response
      .body()
      .then((body) => weights.set(pathname, body.length))
      .catch(() => undefined);
  });
  await page.goto(url);
  await page.locator('[data-freshness=live]').waitFor();
  await page.locator('#pause-form').waitFor();
  return { page, troubles, weights };
}

/** The attribute of all matching elements, in order. */
export async function attributesOf(elements: Locator, name: string): Promise<(string | null)[]> {
  return Promise.all((await elements.all()).map((one) => one.getAttribute(name)));
}

/** Opens every topology. */
export async function openAll(page: Page): Promise<void> {
  const closed = page.locator('details[data-details-of]:not([open]) > summary');
  while ((await closed.count()) > 0) await closed.first().click();
}

/** What can differ between light and dark. */
export const COLOR_RULES = ['color-contrast', 'link-in-text-block'];

/**
 * The faults that axe-core finds, one line each.
 * @param within a selector; default: the page
 * @param rules default: all
 */
export async function findBarriers(page: Page, within = 'html', rules?: readonly string[]): Promise<string[]> {
  if (await page.evaluate<boolean>('typeof axe === "undefined"')) await page.evaluate(axe.source);
  const options = { resultTypes: ['violations'], ...(rules === undefined ? {} : { runOnly: rules }) };
  const { violations } = await page.evaluate<axe.AxeResults>(
    `axe.run(${JSON.stringify(within)}, ${JSON.stringify(options)})`,
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

/** The focused element: its id, else its text. */
export function focused(page: Page): Promise<string> {
  return page.evaluate<string>('document.activeElement.id || document.activeElement.textContent.trim()');
}

/** Tabs until the wanted element has the focus; throws if it never does. */
export async function tabTo(page: Page, wanted: string): Promise<void> {
  for (let presses = 0; presses < 100; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)) === wanted) return;
  }
  throw new Error(`the keyboard does not get to ${wanted}`);
}
