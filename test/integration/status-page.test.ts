// The status page in the real Chromium with the real service on a simulated Flink: it agrees with the API, and its orders
// are executed.
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { systemClock } from '../../src/clock.js';
import { chromiumFor } from '../support/chromium.js';
import { eventually, reportUntil, type ApiTopology } from '../support/dhalion-client.js';
import { scaleUpAction } from '../support/evaluations.js';
import { dhalionConfig, dhalionFor, startLoopWorld, type LoopWorld } from '../support/loop-world.js';
import { sampleId } from '../support/page-samples.js';
import { attributesOf, openStatusPage } from '../support/status-page.js';
import { startWordCount, WORD_COUNT_OPERATORS } from '../support/simulated-word-count.js';

t.setTimeout(240_000);

type ApiOperator = ApiTopology['operators'][number];
type Fields = Record<string, string>;

const NOTICE = { topology: 'wordcount', operator: 'split', diagnosis: 'underprovisioning' };
const REASON = 'until the migration is over';

/** Three ineffective scale-ups of `count`. */
async function putOnBlacklist({ folder }: LoopWorld): Promise<void> {
  const storage = { path: join(folder, 'data'), postgresUrlFile: null, retentionMs: 86_400_000 };
  const log = await createActionLog({ ...storage, clock: systemClock });
  for (const number of [1, 2, 3]) {
    const id = sampleId(number);
    const action = scaleUpAction({ id, operator: 'count', claimedAtMs: Date.now() - 1000 });
    const { claimedAtMs: atMs, topology, resolver } = action;
    const [{ operator, diagnosis }] = action.operators;
    const decision = { atMs, topology, operator, resolver, diagnosis, decision: 'act', reason: null } as const;
    await log.claimAction(action, [{ ...decision, actionId: id, alertId: null, evidence: null }]);
    await log.completeAction(id, atMs, null);
    await log.judgeAction(id, 'ineffective', Date.now());
  }
  await log.close();
}

/** The API's values of an operator, as the page's fields should have them. */
function expectedFields({ measurements, symptoms, ...operator }: ApiOperator): { measured: Fields; symptoms: Fields } {
  const measured: Fields = {};
  for (const field of ['parallelism', 'recommended_parallelism', 'suspended_ratio'] as const) {
    measured[field] = String(operator[field]);
  }
  if (operator.held_up_by.length > 0) measured['held_up_by'] = operator.held_up_by.join(', ');
  const shown = {
    backpressure: ['mean', 'max'],
    busy: ['mean', 'max'],
    processing_rate: ['total'],
    pending_packets: ['mean', 'max', 'slope_per_second'],
    source_backlog: ['total', 'slope_per_second'],
  };
  for (const [sensor, statistics] of Object.entries(shown)) {
    const reading = (measurements as Record<string, Record<string, number | null> | null | undefined>)[sensor];
    if (reading === null) measured[sensor] = 'missing';
    else if (reading === undefined) measured[sensor] = 'not applicable';
    else {
      for (const statistic of statistics) {
        const value = reading[statistic];
        if (value !== null) measured[`${sensor}.${statistic}`] = String(value);
      }
    }
  }
  return { measured, symptoms: { ...symptoms } as Fields };
}

/** The page's fields, by name. */
function fieldsIn(page: Page, selector: string): Promise<Fields> {
  const read = `Object.fromEntries([...document.querySelectorAll(${JSON.stringify(`${selector} [data-field]`)})].map((field) =>
    [field.dataset.field, field.localName === 'data' ? field.value : field.dataset.value]))`;
  return page.evaluate<Fields>(read);
}

await t.test('the status page agrees with the API, and its orders are executed', async (t) => {
  const simulator = await startWordCount(t);
  const world = await startLoopWorld(t, { scrape: [simulator.url] });
  await putOnBlacklist(world);
  const ghost = { name: 'ghost <b>', engine: 'flink', operators: WORD_COUNT_OPERATORS };
  const config = dhalionConfig({
    prometheusUrl: world.prometheus.url,
    folder: world.folder,
    webhookUrl: simulator.url,
    topologies: [
      JSON.stringify({ name: 'wordcount', engine: 'flink', webhook: 'scaler', operators: WORD_COUNT_OPERATORS }),
      JSON.stringify(ghost),
    ],
  });
  const dhalion = await dhalionFor(t, { configFile: await world.writeConfig(config), port: world.dhalionPort });
  const browser = await chromiumFor(t);
  const { page, troubles } = await openStatusPage(t, browser, dhalion.url);
  await page.evaluate('document.body.dataset.loadedOnce = "yes"');
  const wordcount = page.locator('article[data-topology=wordcount]');
  const order = async (name: string, id: string, yes: string): Promise<void> => {
    await page.locator(`[data-order="${name}"][data-id="${id}"]`).first().click();
    await page.getByRole('button', { name: yes, exact: true }).last().click();
  };

  await t.test('the culprit is marked in the graph, and in the table', async (t) => {
    await page.locator('article[data-topology=wordcount][data-standing=trouble]').waitFor({ timeout: 60_000 });
    // The symptom may be visible one evaluation before the diagnosis.
    const split = wordcount.locator('tr[data-operator=split]');
    await split.filter({ hasText: 'too few instances' }).waitFor({ timeout: 60_000 });
    const marked = wordcount.locator('.graph [data-standing=culprit]');
    t.strictSame(await attributesOf(marked, 'data-operator'), ['split']);
    t.match(await marked.locator('.standing').textContent(), '▲ culprit');
    t.match(await wordcount.locator('svg desc').textContent(), /split. is fed by .source.*split.: culprit/);
    const lines = wordcount.locator('.graph .input');
    t.strictSame(await attributesOf(lines, 'data-from'), ['source', 'split']);
    t.strictSame(await attributesOf(lines, 'data-to'), ['split', 'count']);
    t.match(await split.innerText(), /▲\s*culprit\s+too few instances/);
  });

  await t.test('a topology without a webhook is shown with recommendations only', async (t) => {
    t.strictSame((await dhalion.topology('wordcount')).resolvers, ['scale_up', 'scale_down']);
    t.equal(await wordcount.locator('.mode').innerText(), 'enforce');
    t.strictSame((await dhalion.topology(ghost.name)).resolvers, []);
    const words = await page.locator(`article[data-topology="${ghost.name}"] .mode`).innerText();
    t.equal(words, 'recommends only (no webhook)');
  });

  await t.test('every field equals the value in the API', async (t) => {
    for (const name of ['wordcount', 'ghost <b>']) {
      const article = `article[data-topology=${JSON.stringify(name)}]`;
      const { shown, told } = await eventually('page and API have the same evaluation', async () => {
        const told = await dhalion.topology(name);
        const facts = await fieldsIn(page, `${article} :is(summary, .facts)`);
        const rows = await Promise.all(
          WORD_COUNT_OPERATORS.map(async (operator) => ({
            measured: await fieldsIn(page, `${article} tr[data-operator=${operator.name}]`),
            symptoms: await fieldsIn(page, `${article} tr[data-symptoms-of=${operator.name}]`),
          })),
        );
        const { evaluated_at: after } = await fieldsIn(page, `${article} .facts`);
        return (
          facts['evaluated_at'] === told.evaluated_at && after === told.evaluated_at && { shown: { facts, rows }, told }
        );
      });
      for (const [index, operator] of told.operators.entries()) {
        const { standing: _, ...measured } = shown.rows[index]?.measured ?? {};
        t.strictSame({ ...shown.rows[index], measured }, expectedFields(operator), `${name} ${operator.operator}`);
      }
      t.match(shown.facts, {
        engine: 'flink',
        mode: told.mode,
        'topology.backpressure': told.backpressure,
        'topology.draining': told.draining,
        demand: String(told.demand),
        ...(told.offered_rate === null ? {} : { offered_rate: String(told.offered_rate) }),
      });
    }
  });

  await t.test('unknown looks different from no, and not by colour alone', async (t) => {
    const looks = async (truth: string) => {
      const mark = page.locator(`tr[data-symptoms-of] .mark.${truth}`).first();
      return {
        words: await mark.innerText(),
        colour: await page.evaluate<string>(
          `getComputedStyle(document.querySelector('tr[data-symptoms-of] .mark.${truth}')).color`,
        ),
      };
    };
    const [yes, no, unknown] = await Promise.all(['yes', 'no', 'unknown'].map(looks));
    t.match(yes?.words, /●\s*yes/);
    t.match(no?.words, /○\s*no/);
    t.match(unknown?.words, /\?\s*unknown/);
    t.equal(new Set([yes, no, unknown].map((one) => one?.colour)).size, 3);
    t.match(await page.locator('article[data-topology="ghost <b>"]').innerText(), /\?\s*missing/);
    t.equal(await page.locator('article[data-topology="ghost <b>"]').getAttribute('data-standing'), 'unknown');
  });

  await t.test('blacklist entries are shown, and can be removed', async (t) => {
    const entries = page.locator('#blacklist [data-entry]');
    const { text } = await dhalion.get('/api/v1/blacklist');
    const [told] = (JSON.parse(text) as { data: { id: string; state: string }[] }).data;
    t.strictSame(await attributesOf(entries, 'data-entry'), [told?.id]);
    t.strictSame(await attributesOf(entries, 'data-state'), [told?.state]);
    t.match(await entries.innerText(), /scale up of count in wordcount\s.*ineffective/s);
    await order('forget', told?.id ?? '', 'Remove the entry');
    await entries.waitFor({ state: 'detached' });
    t.match(JSON.parse((await dhalion.get('/api/v1/blacklist')).text), { data: [] });
  });

  await t.test('a pause that is made there holds the next alert, and the page says why nothing is done', async (t) => {
    t.match(await wordcount.locator('.concern').innerText(), 'No alert has arrived, so there is no action.');
    await wordcount.locator('[data-order=prepare-pause]').click();
    await page.locator('#pause-reason').fill(REASON);
    await page.keyboard.press('Enter');
    await wordcount.locator('.paused').waitFor();
    t.match(await wordcount.locator('.paused').innerText(), REASON);
    await dhalion.notify(NOTICE);
    await wordcount.locator('.concern [data-reason=paused]').waitFor();
    const [decision] = await dhalion.decisions('wordcount');
    t.match(decision, { decision: 'hold', reason: 'paused', operator: 'split' });
    t.match(
      await wordcount.locator('.concern').innerText(),
      /Held \(scale up\).*paused\. A person paused it\.\s+See the pauses for/s,
    );
    t.equal(simulator.calls().length, 0);
  });

  await t.test(
    'after its end there, the next alert leads to an action, and the page shows it until its outcome',
    async (t) => {
      const pause = await page.locator('[data-pause]').getAttribute('data-pause');
      await order('end-pause', pause ?? '', 'End the pause');
      await page.locator('[data-pause]').waitFor({ state: 'detached' });
      await reportUntil('an action', dhalion, [NOTICE], async () => {
        const { open_action: open } = await dhalion.topology('wordcount');
        return open !== null;
      });
      const shown = wordcount.locator('.open-action');
      await shown.waitFor();
      const { open_action: open } = await dhalion.topology('wordcount');
      t.equal(await shown.getAttribute('data-action'), open?.id);
      const looking = shown.filter({ hasText: 'looking at it for a full window; judged' });
      await looking.waitFor({ timeout: 60_000 });
      await eventually('page and API have the same judgement', async () => {
        const { judging } = await dhalion.topology('wordcount');
        const fields = await fieldsIn(page, '.open-action');
        return judging?.phase !== 'observing' || fields['earliest_at'] === judging.earliest_at;
      });
      const row = page.locator(`#actions tr[data-action="${open?.id ?? ''}"]`);
      await page
        .locator(`#actions tr[data-action="${open?.id ?? ''}"][data-state=judged]`)
        .waitFor({ timeout: 60_000 });
      const [action] = await dhalion.actions('wordcount');
      t.match(action, { id: open?.id, outcome: 'resolved' });
      t.match(await fieldsIn(page, `#actions tr[data-action="${open?.id ?? ''}"]`), {
        outcome: 'resolved',
        current_parallelism: String(action?.current_parallelism),
        desired_parallelism: String(action?.desired_parallelism),
      });
      t.match(await row.innerText(), /scale up of split 2 → \d+.*✓\s*resolved/s);
      await page.locator('article[data-topology=wordcount]:not([data-standing=trouble])').waitFor({ timeout: 60_000 });
      t.equal(await wordcount.locator('.graph [data-standing=culprit]').count(), 0);
    },
  );

  await t.test('the history is drawn from the real Prometheus, with the action marked on it', async (t) => {
    const [action] = await dhalion.actions('wordcount');
    const desired = action?.desired_parallelism ?? 0;
    const split = wordcount.locator('[data-history-of-operator=split]');
    await split.locator(`figure[data-series=parallelism][data-last="${desired}"]`).waitFor({ timeout: 60_000 });
    t.match(await split.locator('figure[data-series=parallelism] p').innerText(), `2 to ${desired}, last ${desired}; `);
    const marks = split.locator('.sparkline .action.good');
    t.strictSame(await attributesOf(marks, 'data-action-mark'), [action?.id, action?.id, action?.id]);
    t.match(await split.locator('.action-list').innerText(), `scale up 2 → ${desired}: resolved`);
    const { text } = await dhalion.get('/api/v1/topologies/wordcount/history?range=10m');
    const { data } = JSON.parse(text) as {
      data: { operators: { operator: string; parallelism: (number | null)[] }[] };
    };
    t.strictSame(
      data.operators.map(({ operator }) => operator),
      ['count', 'source', 'split'],
    );
    const seen = data.operators.find(({ operator }) => operator === 'split')?.parallelism ?? [];
    t.strictSame(
      [...new Set(seen)].sort(),
      [2, desired, null].sort(),
      'before it ran nothing is known, and nothing is zero',
    );
    t.equal(seen[0], null);
  });

  await t.test('the page shows that Prometheus is gone, and keeps everything else', async (t) => {
    await world.prometheus.stop();
    const words = wordcount.locator('.history .unread');
    await words.waitFor({ timeout: 60_000 });
    t.match(await words.innerText(), /^The history is unavailable: Prometheus is unreachable/);
    t.equal(await wordcount.locator('tr[data-operator]').count(), WORD_COUNT_OPERATORS.length);
    t.equal(await wordcount.locator('.graph').count(), 1);
    t.ok((await page.locator('#actions tr[data-action]').count()) > 0);
  });

  await t.test('everything came without a reload, from one origin, with an empty console', async (t) => {
    t.equal(await page.evaluate('document.body.dataset.loadedOnce'), 'yes');
    t.strictSame(troubles, []);
  });

  await t.test('an open page does not prevent the end of the service', async (t) => {
    const beforeMs = Date.now();
    await dhalion.stop();
    t.ok(Date.now() - beforeMs < 8000, `${Date.now() - beforeMs} ms`);
    await page.locator('[data-freshness=lost]').waitFor();
  });
});
