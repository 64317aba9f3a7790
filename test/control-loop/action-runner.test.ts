// The call of a claimed action for each answer of the webhook: repeated, given up, or done; and the outcome.
import t from 'tap';
import { freePort } from '../../src/real-parts/child-program.js';
import { answerJson } from '../support/answering-server.js';
import { eventually, reportUntil, type ApiAction } from '../support/dhalion-client.js';
import { flinkExporter } from '../support/flink-exporter.js';
import { HEALTHY, topologyEntry, UNDERPROVISIONED } from '../support/flink-jobs.js';
import { dhalionConfig, dhalionFor, startLoopWorld } from '../support/loop-world.js';
import { accept, scalingEndpoint } from '../support/scaling-endpoint.js';

t.setTimeout(240_000);

const TOPOLOGIES = ['flaky', 'refused', 'moved', 'busy', 'hanging', 'stubborn', 'unreachable', 'silent'];

void t.test('a call is repeated until its result is known', async (t) => {
  const exporter = await flinkExporter(t, Object.fromEntries(TOPOLOGIES.map((name) => [name, UNDERPROVISIONED])));
  const scaler = await scalingEndpoint(t);
  const world = await startLoopWorld(t, { scrape: [exporter.url] });
  const config = dhalionConfig({
    prometheusUrl: world.prometheus.url,
    folder: world.folder,
    webhookUrl: scaler.url,
    scaler: 'timeout: 3s',
    webhooks: [
      `impatient: {url: "${scaler.url}/scale", max_attempts: 2}`,
      `nowhere: {url: "http://127.0.0.1:${await freePort()}/scale", expires_after: 3s}`,
      `mute: {url: "${scaler.url}/scale", timeout: 1s, expires_after: 5s, max_attempts: 100}`,
    ],
    topologies: TOPOLOGIES.map((name) => {
      const webhooks: Readonly<Record<string, string>> = {
        stubborn: 'impatient',
        unreachable: 'nowhere',
        silent: 'mute',
      };
      return topologyEntry(name, { webhook: webhooks[name] ?? 'scaler' });
    }),
  });
  const dhalion = await dhalionFor(t, { configFile: await world.writeConfig(config) });

  const applied = (topology: string): void => {
    exporter.setJob(topology, HEALTHY);
  };
  scaler.handle('flaky', (response, { body }, attempt) => {
    if (attempt === 3) applied(body.topology);
    if (attempt === 3) accept(response);
    else answerJson(response, 500, { error: 'try again' });
  });
  scaler.handle('refused', (response) => {
    answerJson(response, 400, { error: 'no such operator' });
  });
  scaler.handle('moved', (response) => {
    answerJson(response, 302, {}, { location: `${scaler.url}/elsewhere` });
  });
  scaler.handle('busy', (response, { body }, attempt) => {
    if (attempt === 2) applied(body.topology);
    if (attempt === 2) accept(response);
    else answerJson(response, 429, {}, { 'retry-after': '1' });
  });
  scaler.handle('hanging', (response, { body }, attempt) => {
    // The first call is applied but not answered.
    applied(body.topology);
    if (attempt > 1) accept(response);
  });
  scaler.handle('stubborn', (response) => {
    answerJson(response, 503, {});
  });

  // Accepted, but never answered.
  scaler.handle('silent', () => undefined);

  const isTooSmall = (topology: string): Promise<boolean> =>
    dhalion.metric('dhalion_diagnosis', { topology, diagnosis: 'underprovisioning' }).then((value) => value === 1);
  await eventually('all are too small', async () => (await Promise.all(TOPOLOGIES.map(isTooSmall))).every(Boolean));
  const alerts = TOPOLOGIES.map((topology) => ({ topology, operator: 'split', diagnosis: 'underprovisioning' }));
  const isActedOn = async (topology: string): Promise<boolean> => (await dhalion.actions(topology)).length > 0;
  await Promise.all(alerts.map((alert) => reportUntil('an action', dhalion, [alert], () => isActedOn(alert.topology))));

  /** The topology's only action, after its judgement. */
  const judged = (topology: string): Promise<ApiAction> =>
    eventually(`the action on ${topology} is judged`, async () => {
      const [action] = await dhalion.actions(topology);
      return action?.state === 'judged' && action;
    });
  const isCounted = async ({ topology, outcome }: ApiAction): Promise<boolean> =>
    (await dhalion.metric('dhalion_actions_total', {
      topology,
      operator: 'split',
      resolver: 'scale_up',
      outcome: outcome ?? '',
    })) === 1;

  await t.test('500 leads to repetitions with the same bytes and key, until they are accepted', async (t) => {
    const action = await judged('flaky');
    t.match(action, { outcome: 'resolved', attempts: 3, desired_parallelism: 4 });
    const calls = scaler.calls('flaky');
    t.equal(calls.length, 3);
    t.equal(new Set(calls.map(({ rawBody }) => rawBody)).size, 1);
    t.same([...new Set(calls.map(({ headers }) => headers['idempotency-key']))], [`"${action.id}"`]);
    t.ok(await isCounted(action));
  });

  await t.test('400 is final: the action has failed', async (t) => {
    const action = await judged('refused');
    t.match(action, { outcome: 'failed', attempts: 1 });
    t.ok(await isCounted(action));
    const line = dhalion.logLines.find(({ msg, topology }) => msg === 'action failed' && topology === 'refused');
    t.match(line, { failure: /^answered 400: .*no such operator/ });
  });

  await t.test('a redirect is final and not followed', async (t) => {
    t.match(await judged('moved'), { outcome: 'failed', attempts: 1 });
    t.same(
      scaler.calls('moved').map(({ path }) => path),
      ['/scale'],
    );
  });

  await t.test('429 is not repeated before Retry-After', async (t) => {
    const action = await judged('busy');
    t.match(action, { outcome: 'resolved', attempts: 2 });
    const tookMs = Date.parse(action.completed_at ?? '') - Date.parse(action.claimed_at);
    t.ok(tookMs >= 1000, `${tookMs} ms`);
  });

  await t.test('a call without an answer in time is repeated with its key', async (t) => {
    const action = await judged('hanging');
    t.match(action, { outcome: 'resolved', attempts: 2 });
    t.equal(new Set(scaler.calls('hanging').map(({ rawBody }) => rawBody)).size, 1);
    t.equal(await dhalion.metric('dhalion_webhook_requests_total', { webhook: 'scaler', code: 'timeout' }), 1);
  });

  await t.test('an action without attempts left has failed', async (t) => {
    t.match(await judged('stubborn'), { outcome: 'failed', attempts: 2 });
    t.equal(scaler.calls('stubborn').length, 2);
    t.equal(await dhalion.metric('dhalion_webhook_requests_total', { webhook: 'impatient', code: '503' }), 2);
  });

  await t.test('a call that expires without an answer is judged by the series', async (t) => {
    const action = await judged('silent');
    t.match(action, { outcome: 'not_applied', state: 'judged' });
    t.ok(action.attempts >= 1);
    t.equal(
      await dhalion.metric('dhalion_webhook_requests_total', { webhook: 'mute', code: 'timeout' }),
      action.attempts,
    );
  });

  await t.test('a call that reached nobody has failed, whether attempts or time ran out', async (t) => {
    const action = await judged('unreachable');
    t.match(action, { outcome: 'failed', state: 'judged', completed_at: null });
    const calls = await dhalion.metric('dhalion_webhook_requests_total', { webhook: 'nowhere', code: 'network' });
    t.equal(calls ?? 0, action.attempts);
  });
});
