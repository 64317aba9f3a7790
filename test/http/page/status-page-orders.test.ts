// The page in the real Chromium, used by a person: while it is updated, by keyboard, refused, and with credentials.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PasswordClaim } from '../../../src/http/password-check.js';
import t from 'tap';
import { DhalionError } from '../../../src/errors.js';
import type { PauseRequest } from '../../../src/http/service-view.js';
import { operatorEvaluation, scaleUpAction, topologyEvaluation } from '../../support/evaluations.js';
import { chromiumFor } from '../../support/chromium.js';
import { eventually } from '../../support/dhalion-client.js';
import { PAUSE_ID, startTestService } from '../../support/http-service.js';
import { serviceOf } from '../../support/fleet-service.js';
import { sampleFleet, sampleId } from '../../support/page-samples.js';
import { attributesOf, DESKTOP, findBarriers, focused, openStatusPage, tabTo } from '../../support/status-page.js';

t.setTimeout(240_000);

const browser = await chromiumFor(t);

await t.test('an update changes what differs, and nothing that a person is at', async (t) => {
  const fleet = sampleFleet(Date.now());
  const service = serviceOf(fleet);
  const { url } = await startTestService(t, { service });
  const { page } = await openStatusPage(t, browser, url);
  const wordcount = page.locator('article[data-topology=wordcount]');
  await page.locator('article[data-topology=billing] > details > summary').click();
  await page.locator('#pause-topology').selectOption('fraud');
  await page.locator('#pause-reason').pressSequentially('half a sen');
  const standings = () => attributesOf(page.locator('article'), 'data-topology');
  const calm = fleet.topologies.map((topology) =>
    topology.topology === 'wordcount'
      ? { ...topology, evaluation: topologyEvaluation('wordcount', [operatorEvaluation('split')]) }
      : topology,
  );
  await page.mouse.move(5, 5);
  service.become({ ...fleet, topologies: calm, pauses: [] });
  await page.locator('article[data-topology=wordcount][data-standing=well]').waitFor();
  await page.locator('[data-pause]').waitFor({ state: 'detached' });
  t.not((await standings())[0], 'wordcount', 'it is not urgent any more');
  t.equal(await focused(page), 'pause-reason');
  t.equal(await page.locator('#pause-reason').inputValue(), 'half a sen');
  t.equal(await page.locator('#pause-topology option:checked').innerText(), 'fraud');
  await page.keyboard.type('tence');
  t.equal(await page.locator('#pause-reason').inputValue(), 'half a sentence');
  t.equal(await wordcount.locator('> details').getAttribute('open'), '');
  t.equal(await page.locator('article[data-topology=billing] > details').getAttribute('open'), '');
  await page.locator('article[data-topology=billing] > details > summary').focus();
  const before = await standings();
  service.become(fleet);
  await page.locator('article[data-topology=wordcount][data-standing=trouble]').waitFor();
  t.strictSame(await standings(), before, 'nothing moves away from who is reading');
  await page.locator('#filter-text').focus();
  await page.locator('article').first().and(page.locator('[data-topology=wordcount]')).waitFor();
});

await t.test('a pause is made by keyboard alone, and ended so', async (t) => {
  const fleet = sampleFleet(Date.now());
  const asked: PauseRequest[] = [];
  const ended: string[] = [];
  const fleetService = serviceOf({ ...fleet, pauses: [] });
  const { url } = await startTestService(t, {
    service: {
      ...fleetService,
      addPause: ({ durationMs, ...request }) => {
        asked.push({ durationMs, ...request });
        const pause = { ...request, id: PAUSE_ID, createdAtMs: Date.now(), expiresAtMs: Date.now() + durationMs };
        fleetService.become({ ...fleet, pauses: [pause] });
        return Promise.resolve(pause);
      },
      endPause: (id) => {
        ended.push(id);
        fleetService.become({ ...fleet, pauses: [] });
        return Promise.resolve(true);
      },
    },
  });
  const { page, troubles } = await openStatusPage(t, browser, url);
  await tabTo(page, 'pause-topology');
  await page.keyboard.type('wordc');
  await page.keyboard.press('Tab');
  await page.keyboard.type('scale d');
  await page.keyboard.press('Tab');
  t.equal(await focused(page), 'pause-duration');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('90 minutes');
  await page.keyboard.press('Tab');
  await page.keyboard.type('a planned upgrade');
  await page.keyboard.press('Enter');
  await page.locator('#pause-fault:not(:empty)').waitFor();
  t.match(
    await page.locator('#pause-fault').innerText(),
    'duration must be a duration as Prometheus writes it, such as 30m or 1h30m',
  );
  t.equal(await page.locator('#pause-reason').inputValue(), 'a planned upgrade', 'typed text remains');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('90m');
  await page.keyboard.press('Enter');
  await page.locator(`[data-pause="${PAUSE_ID}"]`).waitFor();
  t.strictSame(asked, [
    { topology: 'wordcount', resolver: 'scale_down', durationMs: 90 * 60_000, reason: 'a planned upgrade' },
  ]);
  t.match(
    await page.locator(`[data-pause="${PAUSE_ID}"]`).innerText(),
    /wordcount, scale down\s+a planned upgrade\s+since (?:now|\d+ s ago), ends in 1 h 30 min/,
  );
  t.equal(await page.locator('#pause-fault').innerText(), '');
  t.equal(await page.locator('.notice').innerText(), 'The pause is in force.');
  await tabTo(page, 'End the pause');
  await page.keyboard.press('Enter');
  await page.locator('dialog[open]').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  t.equal(await focused(page), 'End the pause', 'the focus comes back');
  t.strictSame(ended, []);
  await page.keyboard.press('Enter');
  await tabTo(page, 'End the pause');
  await page.keyboard.press('Enter');
  await page.locator('[data-pause]').waitFor({ state: 'detached' });
  t.strictSame(ended, [PAUSE_ID]);
  await eventually('the focus is where the pause was', async () => (await focused(page)) === 'pauses-title');
  // The browser itself logs the refused duration on the console.
  t.strictSame(
    troubles.filter((trouble) => !trouble.includes('400 (Bad Request)')),
    [],
  );
});

await t.test('a topology that vanishes while its pause is prepared is the one that is paused', async (t) => {
  const fleet = sampleFleet(Date.now());
  const asked: (string | null)[] = [];
  const service = serviceOf({ ...fleet, pauses: [] });
  const { url } = await startTestService(t, {
    service: {
      ...service,
      knowsTopology: () => true,
      addPause: ({ durationMs, ...request }) => {
        asked.push(request.topology);
        return Promise.resolve({ ...request, id: PAUSE_ID, createdAtMs: 0, expiresAtMs: durationMs });
      },
    },
  });
  const { page } = await openStatusPage(t, browser, url);
  const give = () => page.getByRole('button', { name: 'Pause', exact: true }).click();
  const chosen = () => page.locator('#pause-topology option:checked').innerText();
  await page.locator('#pause-reason').fill('its job is restarted');
  await give();
  t.ok(await page.locator('#pause-topology:invalid').count(), 'by default nothing is chosen, and so nothing paused');
  await page.locator('#pause-topology').selectOption('fraud');
  service.become({ ...fleet, topologies: fleet.topologies.filter(({ topology }) => topology !== 'fraud') });
  await page.locator('article[data-topology=fraud]').waitFor({ state: 'detached' });
  t.equal(await chosen(), 'fraud (not seen now)');
  await give();
  await page.locator('.notice:not(:empty)').waitFor();
  t.equal(await chosen(), 'choose one');
  await page.locator('#pause-topology').selectOption('every topology');
  await page.locator('#pause-reason').fill('all of it');
  await give();
  await eventually('both are asked for', () => asked.length === 2);
  t.strictSame(asked, ['fraud', null]);
});

await t.test('a refused order is explained', async (t) => {
  const refused = new DhalionError('storage_unavailable', 'the action log cannot be used: disk full', {
    retryable: true,
  });
  let isFull = true;
  const { url } = await startTestService(t, {
    service: {
      ...serviceOf(sampleFleet(Date.now())),
      cancelAction: () => Promise.resolve('over'),
      action: (id) => Promise.resolve(scaleUpAction({ id, state: 'judged', outcome: 'resolved' })),
      removeBlacklistEntry: () => (isFull ? Promise.reject(refused) : Promise.resolve(true)),
      addPause: () => Promise.reject(refused),
    },
  });
  const { page } = await openStatusPage(t, browser, url);
  const refusalOf = async (order: string, id: string, yes: string, words: string): Promise<void> => {
    await page.locator(`[data-order=${order}][data-id="${id}"]`).first().click();
    await page.getByRole('button', { name: yes, exact: true }).click();
    await t.resolves(page.locator('.notice').getByText(`Refused: ${words}`, { exact: true }).waitFor(), order);
  };
  await refusalOf(
    'cancel',
    sampleId(1),
    'Cancel the action',
    `action '${sampleId(1)}' is over: its outcome is resolved`,
  );
  await refusalOf('end-pause', sampleId(7), 'End the pause', `no pause has the id '${sampleId(7)}'`);
  await refusalOf('forget', sampleId(3), 'Remove the entry', 'the action log cannot be used: disk full');
  await page.locator('#pause-topology').selectOption('every topology');
  await page.locator('#pause-reason').fill('x');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.locator('#pause-fault:not(:empty)').waitFor();
  t.equal(await page.locator('#pause-fault').innerText(), 'the action log cannot be used: disk full');
  isFull = false;
  await page.locator(`[data-order=forget][data-id="${sampleId(3)}"]`).click();
  await page.getByRole('button', { name: 'Remove the entry', exact: true }).click();
  await page.locator('.notice').getByText('The entry is removed from the blacklist.', { exact: true }).waitFor();
  t.equal(await page.locator('#pause-fault').innerText(), '', 'an old fault does not outlive what succeeded since');
});

await t.test(
  'with a web configuration it asks for a password, and explains to a browser if only tokens are accepted',
  async (t) => {
    const folder = t.testdir({ token: 'the-token\n' });
    const webConfigFile = join(folder, 'web.yml');
    const hash = '$2b$10$tWvj8lTcVPJY8COVxxSIIe52XXNFHr61pQcGpAvW7zIkQVHJA8ROW';
    await writeFile(webConfigFile, `basic_auth_users: {operator: ${hash}}\n`);
    const service = serviceOf(sampleFleet(Date.now()));
    const passwords = {
      check: ({ user, password }: PasswordClaim) =>
        Promise.resolve(user === 'operator' && password === 'right' ? ('right' as const) : ('wrong' as const)),
    };
    const { url } = await startTestService(t, { service, webConfigFile, passwords });
    const httpCredentials = { username: 'operator', password: 'right' };
    const { page, troubles } = await openStatusPage(t, browser, url, { ...DESKTOP, httpCredentials });
    t.equal(await page.locator('article').count(), 6);
    t.strictSame(
      troubles.filter((trouble) => !trouble.includes('401')),
      [],
    );
    for (const path of [
      '/',
      '/api/v1/events',
      new URL(await page.locator('script[src]').evaluate((script) => (script as unknown as { src: string }).src))
        .pathname,
    ]) {
      t.equal((await fetch(url + path)).status, 401, path);
    }

    const bearerFile = join(folder, 'bearer.yml');
    await writeFile(bearerFile, 'bearer_token_files: [token]\n');
    const bearer = await startTestService(t, { service, webConfigFile: bearerFile });
    const context = await browser.newContext();
    t.teardown(() => context.close());
    const told = await context.newPage();
    t.equal((await told.goto(bearer.url))?.status(), 401);
    t.match(
      await told.locator('main').innerText(),
      /accepts only bearer tokens, which a browser cannot send.*basic_auth_users.*proxy/s,
    );
    t.strictSame(await findBarriers(told), []);
    const headers = { authorization: 'Bearer the-token' };
    t.equal((await fetch(bearer.url, { headers })).status, 200);
  },
);
