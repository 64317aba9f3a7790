// From the configuration's text to the reason an alert is held, before a look at its topology.
import t, { type Test } from 'tap';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { systemClock } from '../../src/clock.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { ActionHistory } from '../../src/control-loop/action-history.js';
import { InstanceMemories } from '../../src/control-loop/instance-memories.js';
import { isAtFleetLimit, recallHistory, alertContextOf } from '../../src/control-loop/alert-context.js';
import { TopologyWatch } from '../../src/control-loop/topology-watch.js';
import { createLogger } from '../../src/logger.js';
import { createServiceMetrics } from '../../src/metrics/service-metrics.js';
import type { Action } from '../../src/model/action.js';
import type { HoldReason } from '../../src/model/decision.js';
import type { Mode } from '../../src/model/policy-settings.js';
import { holdBeforeLooking } from '../../src/policy/hold-before-looking.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import type { LogFilter } from '../../src/action-log/action-log.js';
import { sampleAction, sampleAlert } from '../support/action-log-samples.js';

const CONFIGURATION = `
prometheus: {url: http://127.0.0.1:9090}
webhooks: {scaler: {url: http://127.0.0.1:8080/scale}}
policy:
  max_parallelism: 8
  excluded_periods:
    - {weekdays: [monday:friday], times: [{start_time: '09:00', end_time: '17:00'}], location: Europe/Berlin}
topologies:
  - {name: wordcount, engine: flink, webhook: scaler}
  - {name: any-time, engine: flink, webhook: scaler, policy: {excluded_periods: []}}
`;

/** What a batch of alerts is judged by, where nothing was looked at yet. */
async function setUp(t: Test, more = '') {
  const parsed = parseConfiguration(`${CONFIGURATION}${more}`, { builtInEngines: BUILT_IN_ENGINES });
  if (!('configuration' in parsed)) throw new Error('the configuration has faults');
  const { configuration } = parsed;
  const log = await createActionLog({ path: t.testdir() });
  t.teardown(() => log.close());
  const logger = createLogger({ level: 'error', format: 'json' }, { write: () => undefined });
  const history = new ActionHistory(log, logger);
  const watch = new TopologyWatch({
    configuration,
    client: { query: () => Promise.reject(new Error('nothing is looked at')) },
    history,
    instances: new InstanceMemories(log, logger),
    metrics: createServiceMetrics({ version: '1', revision: 'r', nodeVersion: 'v20' }),
    clock: systemClock,
    logger,
  });
  return { watch, history, limits: configuration.limits };
}

/** Why an alert on the topology that arrives now is held. */
async function holderIn(t: Test): Promise<(topology: string, moment: string) => HoldReason | null> {
  const { watch, ...facts } = await setUp(t);
  return (topology, moment) => {
    const rules = watch.rulesOf(topology);
    if (rules === null) return holdBeforeLooking(null);
    const nowMs = Date.parse(moment);
    const alert = { ...sampleAlert({ topology }), id: 1, acceptedAtMs: nowMs };
    const batch = { ...facts, watch, open: [], actions: [], nowMs };
    return holdBeforeLooking(alertContextOf({ alert, rules, resolver: 'scale_up' }, batch));
  };
}

await t.test('an alert is held in an excluded period of its topology, by its time zone, and not outside', async (t) => {
  const holdOf = await holderIn(t);
  const table: readonly [string, string, HoldReason | null][] = [
    ['wordcount', '2025-06-02T06:59:59Z', null],
    ['wordcount', '2025-06-02T07:00:00Z', 'excluded_period'],
    ['wordcount', '2025-06-02T14:59:59Z', 'excluded_period'],
    ['wordcount', '2025-06-02T15:00:00Z', null],
    ['wordcount', '2025-12-01T07:30:00Z', null],
    ['wordcount', '2025-06-07T12:00:00Z', null],
    ['any-time', '2025-06-02T12:00:00Z', null],
    ['another', '2025-06-02T12:00:00Z', 'unknown_topology'],
  ];
  for (const [topology, moment, reason] of table) t.equal(holdOf(topology, moment), reason, `${topology} ${moment}`);
});

await t.test('however many dry runs there were, the real actions are counted', async (t) => {
  const real = sampleAction({ claimedAtMs: 0 });
  const dryRuns = Array.from({ length: 10_001 }, () => ({ ...real, dryRun: true, claimedAtMs: 1 }));
  const log = {
    openActions: () => Promise.resolve([]),
    // Newest first.
    actions: ({ dryRun, limit }: LogFilter) =>
      Promise.resolve(
        [...dryRuns, real].filter((action) => dryRun === undefined || action.dryRun === dryRun).slice(0, limit),
      ),
  };
  const { actions } = await recallHistory(log, { all: () => [] }, 1);
  t.same(
    actions.filter(({ dryRun }) => !dryRun).map(({ id }) => id),
    [real.id],
  );
  t.ok(
    actions.some(({ dryRun }) => dryRun),
    'whose cooldown counts too',
  );
});

await t.test('calls that failed count against no limit, neither of the topology nor of the fleet', async (t) => {
  const limits = 'limits: {max_actions_per_hour: 2}\nengines: {flink: {policy: {max_actions_per_hour: 2}}}';
  const { watch, ...facts } = await setUp(t, limits);
  const nowMs = Date.parse('2025-06-07T12:00:00Z');
  const rules = watch.rulesOf('any-time');
  if (rules === null) throw new Error('it is listed');
  const alert = { ...sampleAlert({ topology: 'any-time' }), id: 1, acceptedAtMs: nowMs };
  const factsOf = (outcome: 'failed' | 'not_applied', topology: string) => {
    const action = sampleAction({
      topology,
      resolver: 'scale_down',
      state: 'judged',
      outcome,
      claimedAtMs: nowMs - 1000,
      judgedAtMs: nowMs - 1000,
    });
    return { ...facts, watch, open: [], actions: [action, action, action], nowMs };
  };
  const holdOf = (...given: Parameters<typeof factsOf>): HoldReason | null =>
    holdBeforeLooking(alertContextOf({ alert, rules, resolver: 'scale_down' }, factsOf(...given)));
  t.equal(holdOf('not_applied', 'any-time'), 'rate_limited');
  t.equal(holdOf('failed', 'any-time'), null);
  t.equal(holdOf('not_applied', 'another'), 'fleet_brake');
  t.equal(holdOf('failed', 'another'), null);
  t.equal(isAtFleetLimit(factsOf('not_applied', 'another'), 0), true);
  t.equal(isAtFleetLimit(factsOf('failed', 'another'), 1), false);
});

await t.test('what is rehearsed uses up the limits of what is rehearsed, and nothing of what is real', (t) => {
  const nowMs = 1_000_000;
  const limits = { maxOpenActions: 2, maxActionsPerHour: 3, maxScaleDownShare: 1 };
  const action = { claimedAtMs: nowMs, completedAtMs: nowMs };
  const dry = sampleAction({ ...action, dryRun: true, state: 'completed' });
  const real = sampleAction({ ...action, state: 'completed' });
  const over = { ...dry, state: 'judged', outcome: 'dry_run' } as const;
  const isLimited = (mode: Mode, open: readonly Action[], actions: readonly Action[]): boolean =>
    isAtFleetLimit({ open, actions, limits, nowMs }, 0, mode);
  t.equal(isLimited('enforce', [dry, dry], []), false);
  t.equal(isLimited('dry_run', [dry, dry], []), true);
  t.equal(isLimited('dry_run', [dry, real], []), true, 'real ones would be there, too');
  t.equal(isLimited('enforce', [], [over, over, over]), false);
  t.equal(isLimited('dry_run', [], [over, over, over]), true);
  t.equal(isLimited('enforce', [real, real], []), true);
  t.end();
});
