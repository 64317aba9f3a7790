// The page in the real Chromium, with a service that serves a made-up fleet. test/integration has the real loop.
import type { Request } from 'playwright-core';
import t from 'tap';
import type { LoggedDecision } from '../../../src/action-log/log-entries.js';
import type { Change } from '../../../src/model/change.js';
import { HOLD_REASONS } from '../../../src/model/decision.js';
import {
  operatorEvaluation,
  operatorMeasurement,
  scaleUpAction,
  topologyEvaluation,
} from '../../support/evaluations.js';
import { chromiumFor } from '../../support/chromium.js';
import { eventually } from '../../support/dhalion-client.js';
import { startTestService } from '../../support/http-service.js';
import { serviceOf } from '../../support/fleet-service.js';
import { sampleFleet, sampleId, type Fleet } from '../../support/page-samples.js';
import {
  COLOR_RULES,
  attributesOf,
  DESKTOP,
  findBarriers,
  openAll,
  openStatusPage,
  PHONE,
} from '../../support/status-page.js';

t.setTimeout(240_000);

const EMPTY: Fleet = { topologies: [], actions: [], blacklist: [], pauses: [] };
const MAX_WEIGHT = 300_000;
const browser = await chromiumFor(t);

function stray(topology: string, more: Partial<LoggedDecision> = {}): LoggedDecision {
  return {
    atMs: Date.now() - 60_000,
    topology,
    operator: 'split',
    diagnosis: 'underprovisioning',
    resolver: null,
    decision: 'hold',
    reason: 'unknown_topology',
    actionId: null,
    alertId: null,
    evidence: null,
    ...more,
  };
}

await t.test('axe-core finds nothing: empty and full, dark and light, on a desk and on a phone', async (t) => {
  const empty = await startTestService(t, { service: serviceOf(EMPTY) });
  const warnings = ['Prometheus answers none of the 6 queries of engine flink: Prometheus is unreachable'];
  const full = await startTestService(t, {
    service: {
      ...serviceOf(sampleFleet(Date.now())),
      decisions: () => Promise.resolve([stray('nobodys')]),
      warnings: () => warnings,
    },
  });
  for (const device of [DESKTOP, PHONE]) {
    const { page } = await openStatusPage(t, browser, full.url, device);
    await openAll(page);
    t.equal(await page.locator('details[data-details-of][open]').count(), 6);
    t.equal(
      await page.evaluate(`document.documentElement.scrollWidth <= ${device.viewport.width}`),
      true,
      'nothing sticks out',
    );
    const { page: emptyPage } = await openStatusPage(t, browser, empty.url, device);
    t.match(await emptyPage.locator('#topologies').innerText(), 'No topology has been seen yet.');
    for (const colorScheme of ['light', 'dark'] as const) {
      const name = `${device.viewport.width} wide, ${colorScheme}`;
      const rules = colorScheme === 'dark' ? COLOR_RULES : undefined;
      for (const one of [page, emptyPage]) await one.emulateMedia({ colorScheme });
      t.strictSame(await findBarriers(page, 'html', rules), [], `full, ${name}`);
      t.strictSame(await findBarriers(emptyPage, 'html', rules), [], `empty, ${name}`);
      await page.locator('[data-order=end-pause]').click();
      t.strictSame(await findBarriers(page, 'dialog', rules), [], `a question is asked, ${name}`);
      await page.keyboard.press('Escape');
    }
  }
});

await t.test('on a phone the parallelism of an operator is to be seen without scrolling', async (t) => {
  const { url } = await startTestService(t, { service: serviceOf(sampleFleet(Date.now())) });
  const { page } = await openStatusPage(t, browser, url, PHONE);
  await openAll(page);
  for (const cell of await page.locator('tr[data-operator] .parallelism').all()) {
    await cell.scrollIntoViewIfNeeded();
    const box = await cell.boundingBox();
    t.ok(box !== null && box.x >= 0 && box.x + box.width <= PHONE.viewport.width, await cell.innerText());
  }
});

await t.test('on a desk no mark runs into the name of its topology', async (t) => {
  const fleet = sampleFleet(Date.now());
  const measured = operatorEvaluation('source', {
    leftAloneBecause: 'a window of 5 min is not full of source yet, or has a gap',
  });
  const unjudged = {
    ...measured,
    measurement: { ...measured.measurement, parallelism: 4 },
    load: { ...measured.load, effectiveBusy: 0.08 },
    recommendedParallelism: 4,
  };
  const topologies = fleet.topologies.map((view) =>
    view.topology === 'fraud' ? { ...view, evaluation: topologyEvaluation('fraud', [unjudged]) } : view,
  );
  const { url } = await startTestService(t, { service: serviceOf({ ...fleet, topologies }) });
  const { page } = await openStatusPage(t, browser, url, DESKTOP);
  const summaries = await page.locator('.topology > details > summary').all();
  const marks: string[] = [];
  for (const summary of summaries) {
    const word = summary.locator('.mark').first().locator('span').last();
    marks.push((await word.textContent()) ?? '');
    const [left, right] = [await word.boundingBox(), await summary.locator('h3').boundingBox()];
    if (left === null || right === null) throw new Error('both are shown');
    t.ok(left.x + left.width <= right.x, `${marks.at(-1) ?? ''} ends at ${left.x + left.width}, before ${right.x}`);
  }
  t.ok(marks.includes('not judged yet'), marks.join());
  const places = await Promise.all(summaries.map((summary) => summary.locator('h3').boundingBox()));
  t.equal(new Set(places.map((place) => place?.x)).size, 1, 'the names stand below each other');
});

await t.test('it is light, keeps to its origin and policy, and says nothing on the console', async (t) => {
  const { url } = await startTestService(t, { service: serviceOf(sampleFleet(Date.now())) });
  const { page, troubles, weights } = await openStatusPage(t, browser, url);
  const paints =
    "performance.getEntriesByType('paint').map(({ name, startTime }) => `${name} ${Math.round(startTime)} ms`).join(', ')";
  t.comment(await page.evaluate<string>(paints));
  const own = await eventually('all files have come', () => {
    const files = [...weights].filter(([path]) => path === '/' || path.startsWith('/assets/'));
    return (
      files.some(([path]) => path.endsWith('favicon.svg')) && files.some(([path]) => path.endsWith('dagre.js')) && files
    );
  });
  const weight = own.reduce((sum, [, bytes]) => sum + bytes, 0);
  t.comment(`${own.length} files, ${weight} bytes`);
  t.ok(own.length > 15);
  t.ok(weight > 50_000 && weight < MAX_WEIGHT, `${weight} bytes`);
  t.strictSame(troubles, []);
  await page.evaluate("fetch('http://127.0.0.1:9/').catch(() => undefined)");
  await page
    .evaluate("document.body.append(Object.assign(document.createElement('script'), { src: 'data:,1' }))")
    .catch(() => undefined);
  t.ok(troubles.length > 0, 'foreign content would have been noticed');
});

await t.test('names are text, whatever they are', async (t) => {
  const names = [
    '<script>alert(1)</script>',
    `"><img src=x onerror='alert(1)'>`,
    '\u202Eevil\u0627\u0644\u0639\u0631\u0628\u064A\u0629 & <b>',
    'n'.repeat(5000),
    '__proto__',
    'null',
    '   ',
  ];
  const fleet = sampleFleet(Date.now());
  const [template] = fleet.topologies;
  if (template === undefined) throw new Error('a fleet has topologies');
  const topologies = names.map((name) => {
    const measurement = operatorMeasurement(name, {
      spec: { name, role: 'inner', inputs: [name], minParallelism: 1, maxParallelism: 4 },
    });
    const evaluation = topologyEvaluation(name, [operatorEvaluation(name, { measurement })]);
    return { ...template, topology: name, lastDecisions: [], evaluation };
  });
  const pauses = fleet.pauses.map((pause) => ({ ...pause, topology: null, reason: names.join(' ').slice(0, 500) }));
  const actions = names.map((name, index) =>
    scaleUpAction({ id: sampleId(index), topology: name, operator: name, failure: name }),
  );
  const { url } = await startTestService(t, { service: serviceOf({ ...fleet, topologies, pauses, actions }) });
  for (const device of [DESKTOP, PHONE]) {
    const { page, troubles } = await openStatusPage(t, browser, url, device);
    await openAll(page);
    await page
      .locator('.graph')
      .nth(names.length - 1)
      .waitFor();
    const shown = await page.locator('article h3').allTextContents();
    t.strictSame(shown.sort(), [...names].sort());
    const attributes = await attributesOf(page.locator('article'), 'data-topology');
    t.strictSame(attributes.sort(), [...names].sort());
    t.equal(await page.locator('main script, main img, main b').count(), 0);
    t.equal(
      await page.evaluate(`document.documentElement.scrollWidth <= ${device.viewport.width}`),
      true,
      'a long name does not widen the page',
    );
    t.strictSame(troubles, []);
  }
});

await t.test('the urgent ones of a hundred topologies come first, and each can be found', async (t) => {
  const { url } = await startTestService(t, { service: serviceOf(sampleFleet(Date.now(), 100)) });
  const { page } = await openStatusPage(t, browser, url);
  const articles = page.locator('article');
  t.equal(await articles.count(), 100);
  t.strictSame((await attributesOf(articles, 'data-standing')).slice(0, 6), [
    'trouble',
    'unknown',
    'acting',
    'unseen',
    'spare',
    'well',
  ]);
  await page.locator('#filter-text').fill('ORDERS-042');
  t.strictSame(await attributesOf(articles, 'data-topology'), ['orders-042']);
  await page.locator('#filter-text').fill('sessionise');
  t.strictSame(await attributesOf(articles, 'data-topology'), ['clickstream'], 'by an operator');
  await page.locator('#filter-text').fill('');
  await page.locator('#filter-problems').check();
  t.equal(await articles.count(), 3);
  await page.goto(`${url}/?topology=orders-007`);
  await articles.first().waitFor();
  t.equal(await articles.count(), 1, 'an address may name one');
});

await t.test('every hold reason has an explanation and a remedy', async (t) => {
  const fleet = sampleFleet(Date.now());
  const template = fleet.topologies.find(({ topology }) => topology === 'wordcount');
  const [decision] = template?.lastDecisions ?? [];
  if (template === undefined || decision === undefined) throw new Error('a fleet has a topology in trouble');
  const topologies = HOLD_REASONS.map((reason) => ({
    ...template,
    topology: reason,
    lastDecisions: [{ ...decision, topology: reason, reason }],
  }));
  const undecided = { ...template, topology: 'undecided', lastDecisions: [] };
  const { url } = await startTestService(t, {
    service: serviceOf({ ...fleet, topologies: [...topologies, undecided] }),
  });
  const { page } = await openStatusPage(t, browser, url);
  for (const reason of [...HOLD_REASONS, 'undecided']) {
    const article = page.locator(`article[data-topology=${reason}]`);
    if ((await article.locator('> details').getAttribute('open')) === null)
      await article.locator('summary').first().click();
    const words = await article.locator('.concern').innerText();
    t.match(words, reason === 'undecided' ? /No alert has arrived/ : new RegExp(`Held .*: ${reason}\\. \\S.{10,}`));
    t.match(words, /\n+→? ?\S.{6,}$/);
  }
});

await t.test('faults of the service come first, and an outdated page says so', async (t) => {
  let problems = ['storage: disk full'];
  const service = serviceOf(sampleFleet(Date.now()));
  const { url, server, streams } = await startTestService(t, {
    service: {
      ...service,
      problems: () => problems,
      warnings: () => ['The last call of webhook scaler ended with 503.'],
    },
  });
  const { page } = await openStatusPage(t, browser, url);
  t.match(
    await page.locator('.attention').innerText(),
    /not ready: it accepts no alerts and does not act.*storage: disk full.*webhook scaler ended with 503/s,
  );
  problems = [];
  service.become(sampleFleet(Date.now()));
  await page.locator('.warnings').waitFor();
  t.match(await page.locator('.warnings').innerText(), 'The last call of webhook scaler ended with 503.');
  streams.close();
  await server.close();
  await page.locator('[data-freshness=lost]').waitFor();
  t.match(await page.locator('.live').innerText(), /out of date\s+last update (?:now|\d+ s ago)/);
  t.match(
    await page.locator('.attention').innerText(),
    'The service cannot be reached. The page shows the last known state.',
  );
  t.equal(await page.locator('article').count(), 6, 'the last known state remains');
});

await t.test('alerts for unknown topologies are shown once for each, while they arrive', async (t) => {
  const decisions = [
    stray('nobodys'),
    stray('nobodys', { operator: 'count' }),
    stray('long ago', { atMs: Date.now() - 2 * 3_600_000 }),
    stray('wordcount'),
    stray('held', { reason: 'paused' }),
  ];
  const service = { ...serviceOf(sampleFleet(Date.now())), decisions: () => Promise.resolve(decisions) };
  const { url } = await startTestService(t, { service });
  const { page } = await openStatusPage(t, browser, url);
  t.strictSame(await attributesOf(page.locator('#strays [data-stray]'), 'data-stray'), ['nobodys']);
  t.match(
    await page.locator('#strays').innerText(),
    /for unknown topologies 1.*discover pattern.*nobodys: split, too few/s,
  );
});

await t.test('a change makes it ask for what that change shows in, and not twice within two seconds', async (t) => {
  let tell: (change: Change) => void = () => undefined;
  const onChange = (listener: (change: Change) => void): void => {
    tell = listener;
  };
  const { url } = await startTestService(t, { service: { ...serviceOf(sampleFleet(Date.now())), onChange } });
  const { page } = await openStatusPage(t, browser, url);
  // It asks for everything at first, and once more when it is connected.
  const rounds: { readonly first: Request; readonly parts: string[] }[] = [];
  page.on('request', (request) => {
    const path = new URL(request.url()).pathname.replace('/api/v1/', '');
    if (path === '/-/ready') rounds.push({ first: request, parts: [] });
    else rounds.at(-1)?.parts.push(path);
  });
  await eventually('all is asked for', () => rounds.at(-1)?.parts.length === 5);
  const seen = rounds.length;
  tell('pause');
  await eventually('the next round', () => rounds.length > seen);
  tell('action');
  tell('decision');
  await eventually('the one after', () => rounds.length > seen + 1);
  await eventually('its questions', () => rounds[seen + 1]?.parts.length === 3);
  t.strictSame(rounds[seen]?.parts, ['pauses']);
  t.strictSame(rounds[seen + 1]?.parts.sort(), ['actions', 'decisions', 'topologies']);
  // Until there is an answer it has no time.
  await rounds[seen + 1]?.first.response();
  for (const index of [seen, seen + 1]) {
    // By the browser's clock, however late this process hears of it.
    const beganAtMs = (round: number): number => rounds[round]?.first.timing().startTime ?? NaN;
    const pauseMs = beganAtMs(index) - beganAtMs(index - 1);
    t.ok(pauseMs > 1900, `${pauseMs} ms`);
  }
});

await t.test('an answer that it cannot show does not keep it from showing the next one', async (t) => {
  const service = serviceOf(sampleFleet(Date.now()));
  const { url } = await startTestService(t, { service });
  const { page } = await openStatusPage(t, browser, url);
  const path = '**/api/v1/topologies';
  await page.route(path, (route) => route.fulfill({ json: { status: 'success', data: [{ topology: 'broken' }] } }));
  service.become(EMPTY);
  await page.locator('[data-freshness=lost]').waitFor();
  await page.unroute(path);
  await page.locator('[data-freshness=live]').waitFor();
  t.match(await page.locator('#topologies').innerText(), 'No topology has been seen yet.');
});
