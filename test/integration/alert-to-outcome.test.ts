// The whole loop on a simulated Flink: series → Prometheus → diagnosis → alert rule → Alertmanager → decision → signed call →
// outcome. The API, the metrics and the receiver of the calls agree.
import { createHmac, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { VERSION } from '../../src/version.js';
import type { WebhookBody } from '../../src/webhooks/webhook-body.js';
import { eventually } from '../support/dhalion-client.js';
import { dhalionConfig, dhalionFor, startLoopWorld } from '../support/loop-world.js';
import { startWordCount, WORD_COUNT_OPERATORS } from '../support/simulated-word-count.js';

t.setTimeout(240_000);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
/** The fields of the contract, in its order. */
const BODY_KEYS = [
  'version',
  'id',
  'type',
  'timestamp',
  'expires_at',
  'topology',
  'resolver',
  'diagnosis',
  'reverts',
  'operator',
  'current_parallelism',
  'desired_parallelism',
  'operator_instances',
  'labels',
  'reason',
  'operators',
];

void t.test('an alert that goes through Alertmanager yields one call and an outcome', async (t) => {
  const simulator = await startWordCount(t);
  // No scale-down here, whatever the load for a moment after the restart.
  const world = await startLoopWorld(t, { scrape: [simulator.url], withAlertmanager: true, overprovisionedFor: '10m' });
  const secret = randomBytes(24);
  const secretFile = join(world.folder, 'secret');
  await writeFile(secretFile, `whsec_${secret.toString('base64')}\n`);
  const config = dhalionConfig({
    prometheusUrl: world.prometheus.url,
    folder: world.folder,
    webhookUrl: simulator.url,
    scaler: `signing_secret_file: ${JSON.stringify(secretFile)}`,
    topologies: [
      JSON.stringify({ name: 'wordcount', engine: 'flink', webhook: 'scaler', operators: WORD_COUNT_OPERATORS }),
    ],
  });
  const dhalion = await dhalionFor(t, { configFile: await world.writeConfig(config), port: world.dhalionPort });

  const received = await eventually('a call of the scaling webhook', () => simulator.calls()[0], 90_000);
  const body = JSON.parse(received.rawBody) as WebhookBody;
  const action = await eventually(
    'a judgement',
    async () => {
      const [oldest] = (await dhalion.actions('wordcount')).reverse();
      return oldest?.state === 'judged' && oldest;
    },
    90_000,
  );

  await t.test('its body matches the contract', (t) => {
    t.same(Object.keys(body), BODY_KEYS);
    t.match(body, {
      version: '2',
      id: UUID,
      type: 'dhalion.scale_up',
      timestamp: RFC_3339,
      expires_at: RFC_3339,
      topology: 'wordcount',
      operator: 'split',
      resolver: 'scale_up',
      diagnosis: 'underprovisioning',
      current_parallelism: 2,
      operator_instances: [],
      reverts: null,
    });
    t.ok(body.desired_parallelism > 2);
    t.equal(Date.parse(body.expires_at) - Date.parse(body.timestamp), 60_000);
    const { suspended_ratio: suspendedRatio, pending_packets: packets, processing_rate: rate } = body.reason;
    t.ok(
      suspendedRatio !== null && suspendedRatio > 0.05 && suspendedRatio < 1,
      `suspended ratio ${suspendedRatio ?? ''}`,
    );
    t.ok(packets !== null && packets > 0, `pending packets ${packets ?? ''}`);
    t.ok(rate !== null && rate > 0, `processing rate ${rate ?? ''}`);
    t.end();
  });

  await t.test('its labels are shared by all series of the operator', async (t) => {
    const exposition = await (await fetch(`${simulator.url}/metrics`)).text();
    const line = exposition
      .split('\n')
      .find((one) => one.startsWith('flink_taskmanager_job_task_') && one.includes('task_name="split"'));
    for (const label of ['job_id', 'task_id', 'job_name', 'task_name']) {
      t.equal(body.labels[label], new RegExp(`[{,]${label}="([^"]*)"`).exec(line ?? '')?.[1], label);
    }
    t.notOk('subtask_index' in body.labels, 'labels that differ between instances are left out');
  });

  await t.test('its headers carry the key, the sender and a signature that holds', (t) => {
    const { headers, rawBody } = received;
    t.equal(headers['content-type'], 'application/json');
    t.equal(headers['idempotency-key'], `"${body.id}"`);
    t.equal(headers['webhook-id'], body.id);
    t.equal(headers['user-agent'], `dhalion/${VERSION}`);
    const timestamp = String(headers['webhook-timestamp']);
    t.match(timestamp, /^\d{10}$/);
    t.ok(Math.abs(Number(timestamp) * 1000 - received.receivedAtMs) < 10_000);
    const signed = createHmac('sha256', secret).update(`${body.id}.${timestamp}.${rawBody}`).digest('base64');
    t.equal(headers['webhook-signature'], `v1,${signed}`);
    t.end();
  });

  await t.test('the action is judged resolved, by the effect of the call', (t) => {
    t.match(action, {
      id: body.id,
      topology: 'wordcount',
      operator: 'split',
      resolver: 'scale_up',
      diagnosis: 'underprovisioning',
      outcome: 'resolved',
      current_parallelism: 2,
      desired_parallelism: body.desired_parallelism,
      reverts: null,
      reverted_by: null,
      attempts: 1,
      dry_run: false,
    });
    t.equal(simulator.state().operators.find(({ name }) => name === 'split')?.parallelism, body.desired_parallelism);
    t.end();
  });

  await t.test('while it was open the repeated alert was held, and there was no other call', async (t) => {
    const decisions = (await dhalion.decisions('wordcount')).reverse();
    const [first, ...others] = decisions;
    t.match(first, { decision: 'act', reason: null, resolver: 'scale_up', operator: 'split', action_id: body.id });
    const meanwhile = others.filter(({ at }) => at < (action.judged_at ?? ''));
    t.ok(meanwhile.length > 0, 'the alert was repeated');
    t.same(
      [...new Set(meanwhile.map(({ decision, reason }) => `${decision} ${reason ?? ''}`))],
      ['hold action_in_flight'],
    );
    t.equal(
      simulator.calls().filter(({ receivedAtMs }) => receivedAtMs < Date.parse(action.judged_at ?? '')).length,
      1,
    );
  });

  await t.test('afterwards nothing is diagnosed and the alert ends', async (t) => {
    await eventually('the alert is over', async () => {
      const alerts = await (await fetch(`${world.alertmanager?.url ?? ''}/api/v2/alerts`)).json();
      return (
        Array.isArray(alerts) &&
        alerts.every((alert: { labels: { diagnosis?: string } }) => alert.labels.diagnosis !== 'underprovisioning')
      );
    });
    const diagnosis = { operator: 'split', diagnosis: 'underprovisioning' };
    t.ok(await eventually('no diagnosis', async () => (await dhalion.metric('dhalion_diagnosis', diagnosis)) === 0));
    // Alertmanager notifies of the end in the group's next turn, up to a group_interval after its API shows it.
    const ended = { status: 'resolved' };
    const heard = (): Promise<number | null> => dhalion.metric('dhalion_alerts_received_total', ended);
    t.ok(await eventually('its end is heard of', async () => ((await heard()) ?? 0) >= 1));
  });

  await t.test('the metrics agree with the log and with the receiver', async (t) => {
    const { prometheus, alertmanager } = world;
    // Without notifications, Dhalion's counts do not change.
    await alertmanager?.stop();
    await prometheus.stop();
    const received = await dhalion.metric('dhalion_alerts_received_total', { status: 'firing' });
    const decisions = await eventually('one decision for each firing alert', async () => {
      const all = await dhalion.decisions('wordcount');
      return all.length >= (received ?? 0) && all;
    });
    for (const reason of ['action_in_flight', 'not_current']) {
      const held = decisions.filter((decision) => decision.reason === reason).length;
      t.equal((await dhalion.metric('dhalion_holds_total', { topology: 'wordcount', reason })) ?? 0, held, reason);
    }
    const actions = await dhalion.actions('wordcount');
    const judged = { topology: 'wordcount', operator: 'split', resolver: 'scale_up', outcome: 'resolved' };
    t.equal(
      await dhalion.metric('dhalion_actions_total', judged),
      actions.filter(({ outcome }) => outcome === 'resolved').length,
    );
    t.equal(simulator.calls().length, actions.length);
    t.equal(new Set(simulator.calls().map(({ headers }) => headers['idempotency-key'])).size, actions.length);
    const requests = await dhalion.metric('dhalion_webhook_requests_total', { webhook: 'scaler', code: '202' });
    t.equal(requests, simulator.calls().length);
    t.equal(received, decisions.length);
    const lastAction = await dhalion.metric('dhalion_last_action_timestamp_seconds', { operator: 'split' });
    t.equal(lastAction, Math.max(...actions.map(({ claimed_at: claimedAt }) => Date.parse(claimedAt))) / 1000);
  });
});
