// Decisions of the real service about alerts, with series in a real Prometheus: the action, or the reason for a hold.
import t from 'tap';
import { answerJson } from '../support/answering-server.js';
import { eventually, type ApiDecision, type Notice } from '../support/dhalion-client.js';
import { flinkExporter, type FlinkJob } from '../support/flink-exporter.js';
import {
  HEALTHY,
  OVERPROVISIONED,
  SLOW_INSTANCE,
  SOURCE,
  topologyEntry,
  UNDERPROVISIONED,
} from '../support/flink-jobs.js';
import { dhalionConfig, dhalionFor, startLoopWorld } from '../support/loop-world.js';
import { scalingEndpoint } from '../support/scaling-endpoint.js';

t.setTimeout(240_000);

/** Two operators in a row suspend their input: `first`, with one busy instance, 60 % of the time, `second` half of the time. */
const TWO_CULPRITS: FlinkJob = {
  [SOURCE]: { parallelism: 1, backPressured: 800 },
  first: { parallelism: 2, backPressured: [100, 900], busy: [900, 100], queue: 50 },
  second: { parallelism: 2, busy: 1000, queue: 50 },
};
const TWO_OPERATORS = [
  { name: 'source', match: 'Source:.*', role: 'source' },
  { name: 'first', inputs: ['source'] },
  { name: 'second', inputs: ['first'] },
];
const SLOW_AND_SMALL: FlinkJob = { ...SLOW_INSTANCE, [SOURCE]: { parallelism: 1, backPressured: 800 } };

const JOBS: Readonly<Record<string, FlinkJob>> = {
  observed: UNDERPROVISIONED,
  dry: UNDERPROVISIONED,
  unsupported: OVERPROVISIONED,
  full: UNDERPROVISIONED,
  healthy: HEALTHY,
  culprits: TWO_CULPRITS,
  mixed: {
    [SOURCE]: SLOW_AND_SMALL[SOURCE] ?? { parallelism: 1 },
    first: { parallelism: 2, backPressured: [100, 900], busy: [900, 100], queue: 50 },
    second: SLOW_AND_SMALL['split'] ?? { parallelism: 1 },
  },
  twin_1: UNDERPROVISIONED,
  twin_2: UNDERPROVISIONED,
  found_1: UNDERPROVISIONED,
  cooled: UNDERPROVISIONED,
  limited: OVERPROVISIONED,
  delaying: UNDERPROVISIONED,
  stale: UNDERPROVISIONED,
  cancelled: UNDERPROVISIONED,
};

const TOPOLOGIES = [
  topologyEntry('observed', { policy: { mode: 'observe' } }),
  topologyEntry('dry', { policy: { mode: 'dry_run', cooldown: '1h' } }),
  topologyEntry('unsupported', { webhook: { scale_up: 'scaler' } }),
  topologyEntry('full', { policy: { max_parallelism: 2 } }),
  topologyEntry('healthy'),
  topologyEntry('culprits', { operators: TWO_OPERATORS }),
  topologyEntry('mixed', {
    operators: TWO_OPERATORS,
    webhook: { scale_up: 'scaler', scale_down: 'scaler', restart_instances: 'scaler' },
  }),
  topologyEntry('twin_1'),
  topologyEntry('twin_2'),
  JSON.stringify({ discover: 'found_.*', engine: 'flink', webhook: 'scaler' }),
  topologyEntry('cooled', { policy: { cooldown: '1h' } }),
  topologyEntry('limited', { policy: { max_actions_per_hour: 1 } }),
  topologyEntry('delaying'),
  topologyEntry('stale', { policy: { max_alert_age: '1s' } }),
  topologyEntry('cancelled'),
  topologyEntry('misspelt', { operators: [TWO_OPERATORS[0], { name: 'splitt', inputs: ['source'] }] }),
  topologyEntry('absent'),
];

const tooSmall = (topology: string, operator = 'split'): Notice => ({
  topology,
  operator,
  diagnosis: 'underprovisioning',
});
const tooLarge = (topology: string): Notice => ({ topology, operator: 'split', diagnosis: 'overprovisioning' });

void t.test('an alert becomes a decision', async (t) => {
  const exporter = await flinkExporter(t, { ...JOBS, misspelt: HEALTHY });
  const scaler = await scalingEndpoint(t);
  const world = await startLoopWorld(t, { scrape: [exporter.url] });
  const config = dhalionConfig({
    prometheusUrl: world.prometheus.url,
    folder: world.folder,
    webhookUrl: scaler.url,
    topologies: TOPOLOGIES,
    prometheusTimeout: '3s',
  });
  const dhalion = await dhalionFor(t, { configFile: await world.writeConfig(config) });
  await eventually('every topology has been measured for a window', async () => {
    const diagnosed = (await dhalion.series()).filter(({ name, value }) => name === 'dhalion_diagnosis' && value === 1);
    return new Set(diagnosed.map(({ labels }) => labels['topology'])).size === Object.keys(JOBS).length - 1;
  });

  /** Posts the alerts in one notification; resolves with the decisions about them, oldest first. */
  const decide = async (...notices: readonly Notice[]): Promise<ApiDecision[]> => {
    const topologies = [...new Set(notices.map(({ topology }) => topology))];
    const all = async (): Promise<ApiDecision[]> =>
      (await Promise.all(topologies.map((topology) => dhalion.decisions(topology)))).flatMap((list) => list.reverse());
    const before = await all();
    // This process is also the exporter, and may have been too busy for the last scrape.
    await eventually('the series are there', () => dhalion.metric('dhalion_operator_parallelism'));
    await dhalion.notify(...notices);
    return eventually(`${notices.length} decisions about ${topologies.join(', ')}`, async () => {
      const now = await all();
      const fresh = now.filter(
        ({ at, operator, topology }) =>
          !before.some((one) => one.at === at && one.operator === operator && one.topology === topology),
      );
      return fresh.length >= notices.length && fresh;
    });
  };
  const reasons = async (...notices: readonly Notice[]): Promise<(string | null)[]> =>
    (await decide(...notices)).map(({ reason }) => reason);
  const firstCall = (topology: string) =>
    eventually(`a call for ${topology}`, () => scaler.calls(topology)[0]).then(({ body }) => body);

  await t.test('an alert for a topology that is not configured is held as unknown_topology', async (t) => {
    t.same(await reasons(tooSmall('nobody')), ['unknown_topology']);
    t.equal(await dhalion.metric('dhalion_holds_total', { topology: '', reason: 'unknown_topology' }), 1);
    const stranger = dhalion.logLines.find(({ msg }) => msg === 'an alert is about an unknown topology');
    t.match(stranger, {
      topology: 'nobody',
      because:
        /^topology \w+ has an operator split: does a target label named topology overwrite .*honor_labels: true$/,
    });
  });

  await t.test('an unknown operator is distinguished from one without measurements', async (t) => {
    await decide(tooSmall('healthy', 'splot'));
    const [decision] = await dhalion.decisions('healthy');
    t.match(decision, {
      reason: 'unknown_measurements',
      operator: 'splot',
      evidence: { operator_known: false, unknown_because: 'the topology has no operator splot' },
    });
    const line = dhalion.logLines.find(({ msg, operator }) => msg === 'holding' && operator === 'splot');
    t.equal(line?.['because'], "the topology's operators are source and split");
  });

  await t.test('a listed name without series is logged once', async (t) => {
    const told = (topology: string): unknown[] =>
      dhalion.logLines.flatMap((line) =>
        line['msg'] === 'listed names match no series' && line['topology'] === topology ? [line['unmatched']] : [],
      );
    await eventually('it has lasted', () => told('absent').length > 0 && told('misspelt').length > 0);
    t.same(told('absent'), ['the topology has no series (its label is "absent")']);
    await eventually('the operator is named', () => String(told('misspelt').at(-1)).startsWith('operator'));
    t.equal(told('misspelt').at(-1), 'operator splitt: no series');
    t.ok(told('misspelt').length <= 2, 'at most once more, before the first scrape');
    t.ok(((await dhalion.metric('dhalion_evaluations_total')) ?? 0) > 2, 'although every evaluation checks it');
  });

  await t.test('a topology in mode observe is held as observe_only', async (t) => {
    t.same(await reasons(tooSmall('observed')), ['observe_only']);
    t.equal(
      await dhalion.metric('dhalion_operator_recommended_parallelism', { topology: 'observed', operator: 'split' }),
      4,
    );
  });

  await t.test('a dry run does everything except for the call, including the cooldown', async (t) => {
    const [decision] = await decide(tooSmall('dry'));
    t.match(decision, { decision: 'hold', reason: 'dry_run', action_id: String });
    t.match(await dhalion.actions('dry'), [
      {
        id: decision?.action_id,
        dry_run: true,
        state: 'completed',
        outcome: null,
        desired_parallelism: 4,
        attempts: 0,
      },
    ]);
    t.same(await reasons(tooSmall('dry')), ['action_in_flight'], 'one at a time, as with a call');
    t.equal(await dhalion.metric('dhalion_action_in_flight', { topology: 'dry' }), null, 'nothing is in flight');
    await eventually('the rehearsal is over', async () => (await dhalion.actions('dry'))[0]?.outcome === 'dry_run');
    const [{ claimed_at: claimedAt, judged_at: judgedAt } = { claimed_at: '', judged_at: null }] =
      await dhalion.actions('dry');
    t.ok(Date.parse(judgedAt ?? '') - Date.parse(claimedAt) >= 5000, 'after the settling time');
    t.equal(await dhalion.metric('dhalion_actions_total', { topology: 'dry', outcome: 'dry_run' }), 1);
    t.match(
      dhalion.logLines.find(({ reason, topology }) => reason === 'dry_run' && topology === 'dry'),
      { msg: 'holding', current_parallelism: 2, desired_parallelism: 4 },
    );
    t.same(await reasons(tooSmall('dry')), ['cooldown']);
    t.equal((await dhalion.actions('dry')).length, 1);
    t.same(scaler.calls('dry'), []);
  });

  await t.test('a resolver without a webhook is unsupported', async (t) => {
    t.same(await reasons(tooLarge('unsupported')), ['unsupported_resolver']);
  });

  await t.test('an operator at its maximum is at_limit', async (t) => {
    t.same(await reasons(tooSmall('full')), ['at_limit']);
    const [held] = await dhalion.decisions('full');
    t.match(held, { evidence: { parallelism: 2, suspended_ratio: 0.4, diagnoses: ['underprovisioning'] } });
    t.same(await reasons(tooSmall('full')), ['at_limit']);
    const told = dhalion.logLines.filter(({ msg, topology }) => msg === 'holding' && topology === 'full');
    t.equal(told.length, 1, 'the same hold is logged once');
    t.equal(
      await dhalion.metric('dhalion_holds_total', { topology: 'full', reason: 'at_limit' }),
      2,
      'and counted twice',
    );
    t.equal(
      await dhalion.metric('dhalion_operator_recommended_parallelism', { topology: 'full', operator: 'split' }),
      2,
    );
  });

  await t.test('a diagnosis that does not apply is not_current', async (t) => {
    t.same(await reasons(tooSmall('healthy')), ['not_current']);
  });

  await t.test(
    'two culprits in one notification are scaled by one call, the larger suspended ratio first',
    async (t) => {
      const decisions = await decide(tooSmall('culprits', 'second'), tooSmall('culprits', 'first'));
      t.match(decisions, [
        { operator: 'first', decision: 'act', reason: null },
        { operator: 'second', decision: 'act', reason: null },
      ]);
      t.ok(decisions[0]?.action_id);
      t.equal(decisions[0]?.action_id, decisions[1]?.action_id);
      // The source is half busy and stays as it is, so twice as much gets through: 2 × 2 × 0.9 / 0.85 and 2 × 2 / 0.85.
      t.match(await firstCall('culprits'), {
        operators: [
          { operator: 'first', current_parallelism: 2, desired_parallelism: 5 },
          { operator: 'second', current_parallelism: 2, desired_parallelism: 5 },
        ],
      });
      t.equal(scaler.calls('culprits').length, 1);
    },
  );

  await t.test('a slow instance is restarted before anything is scaled', async (t) => {
    const slow: Notice = { topology: 'mixed', operator: 'second', diagnosis: 'slow_instances' };
    t.match(await decide(tooSmall('mixed', 'first'), slow), [
      { operator: 'second', resolver: 'restart_instances', decision: 'act' },
      { operator: 'first', decision: 'hold', reason: 'action_in_flight' },
    ]);
    const expected = { resolver: 'restart_instances', desired_parallelism: 4, operator_instances: ['0'] };
    t.match(await firstCall('mixed'), expected);
  });

  await t.test('two topologies in one notification are two calls, and a repeated alert makes no third', async (t) => {
    const decisions = await decide(tooSmall('twin_1'), tooSmall('twin_2'), tooSmall('twin_1'));
    t.same(decisions.map(({ topology, reason }) => [topology, reason]).sort(), [
      ['twin_1', null],
      ['twin_1', 'action_in_flight'],
      ['twin_2', null],
    ]);
    t.equal((await firstCall('twin_1')).topology, 'twin_1');
    t.equal((await firstCall('twin_2')).topology, 'twin_2');
    t.same(await reasons(tooSmall('twin_1')), ['action_in_flight']);
    t.equal(scaler.calls('twin_1').length, 1);
    t.not(scaler.calls('twin_1')[0]?.body.id, scaler.calls('twin_2')[0]?.body.id);
  });

  await t.test('a discovered topology is scaled like a listed one', async (t) => {
    t.same(await reasons(tooSmall('found_1')), [null]);
    t.match(await firstCall('found_1'), { topology: 'found_1', operator: 'split', desired_parallelism: 4 });
  });

  await t.test('after a judged action the cooldown holds the next', async (t) => {
    scaler.handle('cooled', (response) => {
      answerJson(response, 400, {});
    });
    t.same(await reasons(tooSmall('cooled')), [null]);
    await eventually('the action has failed', async () => (await dhalion.actions('cooled'))[0]?.outcome === 'failed');
    t.same(await reasons(tooSmall('cooled')), ['cooldown']);
  });

  await t.test('scale-downs are rate_limited, scale-ups never', async (t) => {
    t.same(await reasons(tooLarge('limited')), [null]);
    // Accepted, but not applied.
    await eventually('it is judged', async () => (await dhalion.actions('limited'))[0]?.outcome === 'not_applied');
    t.same(await reasons(tooLarge('limited')), ['rate_limited']);
    exporter.setJob('limited', { ...UNDERPROVISIONED, split: { parallelism: 4, busy: 1000, queue: 50 } });
    const split = { topology: 'limited', operator: 'split' };
    const isTooSmall = async (): Promise<boolean> =>
      ((await dhalion.metric('dhalion_operator_recommended_parallelism', split)) ?? 0) > 4;
    await eventually('it is too small', isTooSmall);
    t.same(await reasons(tooSmall('limited')), [null]);
  });

  await t.test('an alert that was not decided in time is stale; a resolved alert cancels a waiting one', async (t) => {
    world.prometheus.suspend();
    t.teardown(() => {
      world.prometheus.resume();
    });
    // The decision waits for Prometheus, and later alerts stay undecided.
    await dhalion.notify(tooSmall('delaying'));
    await dhalion.notify(tooSmall('stale'), tooSmall('cancelled'));
    await dhalion.notify({ ...tooSmall('cancelled'), status: 'resolved' });
    const [stale] = await eventually('what waited is decided', async () => {
      const decisions = await dhalion.decisions('stale');
      return decisions.length > 0 && decisions;
    });
    t.equal(stale?.reason, 'stale_alert');
    t.match(await dhalion.decisions('delaying'), [{ decision: 'hold', reason: 'unknown_measurements' }]);
    t.same(await dhalion.decisions('cancelled'), []);
    t.equal(scaler.calls('delaying').length + scaler.calls('stale').length + scaler.calls('cancelled').length, 0);
  });

  await t.test('every decision and every call is counted', async (t) => {
    const decisions = await dhalion.decisions();
    for (const reason of new Set(decisions.map((decision) => decision.reason))) {
      if (reason === null) continue;
      const held = decisions.filter((decision) => decision.reason === reason).length;
      t.equal(await dhalion.metric('dhalion_holds_total', { reason }), held, reason);
    }
    t.equal(await dhalion.metric('dhalion_webhook_requests_total', { webhook: 'scaler' }), scaler.calls().length);
    const acting = decisions.filter(({ decision }) => decision === 'act');
    const acted = new Set(acting.map(({ action_id }) => action_id)).size;
    const actions = await dhalion.actions();
    t.equal(actions.filter((action) => !action.dry_run).length, acted);
    t.same(new Set(scaler.calls().map(({ body }) => body.id)).size, acted, 'one idempotency key an action');
  });
});
