// From the text of the configuration to the reason for a hold, without a look at the topology.
import t from 'tap';
import type { Configuration } from '../../src/config/configuration.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { alertContextOf, describeFleetBrake } from '../../src/control-loop/alert-context.js';
import { findTopologyRules } from '../../src/control-loop/topology-rules.js';
import type { Action } from '../../src/model/action.js';
import type { HoldReason } from '../../src/model/decision.js';
import type { Mode } from '../../src/model/policy-settings.js';
import { holdBeforeLooking } from '../../src/policy/hold-before-looking.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { sampleAction, sampleAlert } from '../support/action-log-samples.js';
import { recalledWith } from '../support/recalled-logs.js';

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

function configurationWith(more = ''): Configuration {
  const parsed = parseConfiguration(`${CONFIGURATION}${more}`, { builtInEngines: BUILT_IN_ENGINES });
  if (!('configuration' in parsed)) throw new Error('the configuration has faults');
  return parsed.configuration;
}

/** Why an alert for the topology at this time is held. */
function holdOf(topology: string, moment: string): HoldReason | null {
  const configuration = configurationWith();
  const rules = findTopologyRules(configuration, topology);
  if (rules === null) return holdBeforeLooking(null);
  const nowMs = Date.parse(moment);
  const alert = { ...sampleAlert({ topology }), id: 1, acceptedAtMs: nowMs };
  const facts = { limits: configuration.limits, evaluations: [], recalled: recalledWith({}), nowMs };
  return holdBeforeLooking(alertContextOf({ alert, rules, resolver: 'scale_up' }, facts));
}

await t.test('an alert is held inside an excluded period of its topology, in its time zone, and not outside', (t) => {
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
  t.end();
});

await t.test('failed calls count for no limit, neither of the topology nor of the fleet', (t) => {
  const limits = 'limits: {max_actions_per_hour: 2}\nengines: {flink: {policy: {max_actions_per_hour: 2}}}';
  const configuration = configurationWith(limits);
  const nowMs = Date.parse('2025-06-07T12:00:00Z');
  const rules = findTopologyRules(configuration, 'any-time');
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
    const recalled = recalledWith({ actions: [action, action, action] });
    return { recalled, limits: configuration.limits, evaluations: [], nowMs };
  };
  const holdUnder = (...given: Parameters<typeof factsOf>): HoldReason | null =>
    holdBeforeLooking(alertContextOf({ alert, rules, resolver: 'scale_down' }, factsOf(...given)));
  t.equal(holdUnder('not_applied', 'any-time'), 'rate_limited');
  t.equal(holdUnder('failed', 'any-time'), null);
  t.equal(holdUnder('not_applied', 'another'), 'fleet_brake');
  t.equal(holdUnder('failed', 'another'), null);
  const brake = (claimed: number, ...given: Parameters<typeof factsOf>): string | null =>
    describeFleetBrake({ rules, resolver: 'scale_down' }, factsOf(...given), claimed);
  t.equal(brake(0, 'not_applied', 'another'), '3 actions within an hour, with limits.max_actions_per_hour 2');
  t.equal(brake(1, 'failed', 'another'), null);
  t.equal(brake(2, 'failed', 'another'), '2 actions within an hour, with limits.max_actions_per_hour 2');
  t.end();
});

await t.test('dry runs count for the limits of dry runs, and not for those of real actions', (t) => {
  const nowMs = 1_000_000;
  const limits = { maxOpenActions: 2, maxActionsPerHour: 3, maxScaleDownShare: 1 };
  const action = { claimedAtMs: nowMs, completedAtMs: nowMs };
  const dry = sampleAction({ ...action, dryRun: true, state: 'completed' });
  const real = sampleAction({ ...action, state: 'completed' });
  const over = { ...dry, state: 'judged', outcome: 'dry_run' } as const;
  const rules = findTopologyRules(configurationWith(), 'any-time');
  if (rules === null) throw new Error('it is listed');
  const caseIn = (mode: Mode) => {
    const settings = { ...rules.settings, mode };
    return { rules: { ...rules, settings }, resolver: 'scale_up' } as const;
  };
  const isLimited = (mode: Mode, open: readonly Action[], actions: readonly Action[]): boolean =>
    describeFleetBrake(caseIn(mode), { recalled: recalledWith({ open, actions }), limits, evaluations: [], nowMs }) !==
    null;
  t.equal(isLimited('enforce', [dry, dry], []), false);
  t.equal(isLimited('dry_run', [dry, dry], []), true);
  t.equal(isLimited('dry_run', [dry, real], []), true, 'real actions count for dry runs, too');
  t.equal(isLimited('enforce', [], [over, over, over]), false);
  t.equal(isLimited('dry_run', [], [over, over, over]), true);
  t.equal(isLimited('enforce', [real, real], []), true);
  t.end();
});
