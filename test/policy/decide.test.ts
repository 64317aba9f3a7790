import t from 'tap';
import { HOLD_REASONS } from '../../src/model/decision.js';
import type { DiagnosisName } from '../../src/model/diagnosis.js';
import type { PolicySettings } from '../../src/model/policy-settings.js';
import { RESOLVER_OF, type ResolverName } from '../../src/model/resolver.js';
import {
  compareUrgency,
  decideAfterLooking,
  holdBeforeLooking,
  type Standing,
  type Verdict,
} from '../../src/policy/decide.js';
import { evaluateTopology } from '../../src/policy/evaluate-topology.js';
import { flinkTopology, MISSING, settingsWith, type OperatorSketch } from '../support/measurements.js';

const CLEAR: Standing = {
  resolver: 'scale_down',
  isSupported: true,
  mode: 'enforce',
  maxAlertAgeMs: 900_000,
  alertAgeMs: 1000,
  isPaused: false,
  isExcludedPeriod: false,
  hasOpenAction: false,
  cooldownMs: 60_000,
  sinceLastJudgedMs: 60_000,
  maxActionsPerHour: 12,
  limitedActionsInLastHour: 11,
  isFleetBraked: false,
  isCallRefused: false,
};

/** What makes each reason apply; in the order in which they are tested. */
const BLOCKING: [string, Partial<Standing>][] = [
  ['observe_only', { mode: 'observe' }],
  ['unsupported_resolver', { isSupported: false }],
  ['stale_alert', { alertAgeMs: 900_001 }],
  ['paused', { isPaused: true }],
  ['excluded_period', { isExcludedPeriod: true }],
  ['action_in_flight', { hasOpenAction: true }],
  ['cooldown', { sinceLastJudgedMs: 59_999 }],
  ['rate_limited', { limitedActionsInLastHour: 12 }],
  ['fleet_brake', { isFleetBraked: true }],
  ['call_refused', { isCallRefused: true }],
];

await t.test('before anybody looks, an alert is held for exactly one reason, the first that applies', (t) => {
  t.equal(holdBeforeLooking(CLEAR), null);
  t.equal(holdBeforeLooking(null), 'unknown_topology');
  for (const [reason, change] of BLOCKING) t.equal(holdBeforeLooking({ ...CLEAR, ...change }), reason);
  let everything = CLEAR;
  for (const [reason, change] of [...BLOCKING].reverse()) {
    everything = { ...everything, ...change };
    t.equal(holdBeforeLooking(everything), reason, `${reason} comes before all that follow it`);
  }
  t.strictSame(
    BLOCKING.map(([reason]) => reason),
    HOLD_REASONS.slice(1, 11),
    'none is left out',
  );
  t.equal(
    holdBeforeLooking({ ...CLEAR, resolver: 'scale_up', limitedActionsInLastHour: 99 }),
    null,
    'more capacity is never refused',
  );
  t.equal(holdBeforeLooking({ ...CLEAR, mode: 'dry_run' }), null, 'a dry run looks');
  t.equal(
    holdBeforeLooking({ ...CLEAR, sinceLastJudgedMs: null }),
    null,
    'a topology that was never acted on has no cooldown',
  );
  t.end();
});

const PRESSED: Record<string, OperatorSketch> = {
  source: { source: true, backpressure: [0.5] },
  split: { inputs: ['source'], pending: [90, 90], busy: [1, 1] },
};

function look(
  diagnosis: DiagnosisName,
  operators: Record<string, OperatorSketch>,
  more: { settings?: Partial<PolicySettings>; isBlacklisted?: boolean; refused?: number; operator?: string } = {},
): Verdict {
  const settings = settingsWith(more.settings ?? {});
  const evaluation = evaluateTopology(flinkTopology(operators), settings, (_, name) => RESOLVER_OF[name]);
  return decideAfterLooking({
    operator: more.operator ?? 'split',
    diagnosis,
    resolver: RESOLVER_OF[diagnosis],
    evaluation,
    settings,
    isCallRefused: ({ operators: [{ desiredParallelism }] }) => desiredParallelism === more.refused,
    isBlacklisted: () => more.isBlacklisted ?? false,
  });
}

await t.test('a diagnosis that still holds is acted on', (t) => {
  t.match(look('underprovisioning', PRESSED), {
    decision: 'act',
    plan: { resolver: 'scale_up', operators: [{ operator: 'split', currentParallelism: 2, desiredParallelism: 4 }] },
  });
  t.end();
});

await t.test('what was refused for good is held, and what the look asks for instead is not', (t) => {
  t.strictSame(look('underprovisioning', PRESSED, { refused: 4 }), {
    decision: 'hold',
    reason: 'call_refused',
    plan: null,
  });
  t.match(look('underprovisioning', PRESSED, { refused: 4, isBlacklisted: true }), { reason: 'call_refused' });
  t.match(look('underprovisioning', PRESSED, { refused: 4, settings: { mode: 'dry_run' } }), {
    reason: 'call_refused',
  });
  t.match(look('underprovisioning', PRESSED, { refused: 3 }), {
    decision: 'act',
    plan: { operators: [{ desiredParallelism: 4 }] },
  });
  t.match(look('underprovisioning', PRESSED, { refused: 3, isBlacklisted: true }), { reason: 'blacklisted' });
  t.end();
});

await t.test('after a look, an alert is held for exactly one reason', (t) => {
  const idle = { source: { source: true }, split: { inputs: ['source'], parallelism: 4 } };
  const tables: [string, Verdict, string][] = [
    ['the pressure is gone', look('underprovisioning', idle), 'not_current'],
    ['it is another diagnosis now', look('slow_instances', PRESSED), 'not_current'],
    [
      'what waits outside the sources is not known',
      look('underprovisioning', { ...PRESSED, source: { source: true, backpressure: [0.5], backlog: MISSING } }),
      'unknown_measurements',
    ],
    ['the operator is not there', look('underprovisioning', PRESSED, { operator: 'gone' }), 'unknown_measurements'],
    [
      'its measurements are missing',
      look('underprovisioning', { ...PRESSED, source: { source: true, backpressure: MISSING } }),
      'unknown_measurements',
    ],
    [
      'those of another operator are, before a scale_down',
      look('overprovisioning', { ...idle, count: { pending: MISSING } }),
      'unknown_measurements',
    ],
    ['it was harmful before', look('underprovisioning', PRESSED, { isBlacklisted: true }), 'blacklisted'],
    [
      'no more instances are allowed',
      look('underprovisioning', { ...PRESSED, split: { ...PRESSED['split'], max: 2 } }),
      'at_limit',
    ],
    ['it is a dry run', look('underprovisioning', PRESSED, { settings: { mode: 'dry_run' } }), 'dry_run'],
  ];
  for (const [title, verdict, reason] of tables) t.match(verdict, { decision: 'hold', reason }, title);
  const unseen = {
    operator: 'split',
    diagnosis: 'underprovisioning',
    resolver: 'scale_up',
    evaluation: null,
    settings: settingsWith({}),
    isCallRefused: () => false,
    isBlacklisted: () => false,
  } as const;
  t.match(decideAfterLooking(unseen), { reason: 'unknown_measurements' }, 'Prometheus does not answer');
  t.end();
});

await t.test('a dry run says what would have been asked for', (t) => {
  t.match(look('underprovisioning', PRESSED, { settings: { mode: 'dry_run' } }), {
    plan: { operators: [{ desiredParallelism: 4 }] },
  });
  t.end();
});

await t.test(
  'restart comes before rebalance, scale up by the largest share, scale down by the largest parallelism',
  (t) => {
    const key = (resolver: ResolverName, suspendedRatio: number | null, parallelism: number) => ({
      resolver,
      suspendedRatio,
      parallelism,
    });
    const sorted = [
      key('scale_down', null, 4),
      key('scale_up', 0.2, 1),
      key('rebalance', 0.9, 1),
      key('scale_down', null, 8),
      key('scale_up', 0.6, 1),
      key('restart_instances', 0.1, 1),
    ].sort(compareUrgency);
    t.strictSame(
      sorted.map(({ resolver, suspendedRatio, parallelism }) => `${resolver} ${suspendedRatio ?? parallelism}`),
      ['restart_instances 0.1', 'rebalance 0.9', 'scale_up 0.6', 'scale_up 0.2', 'scale_down 8', 'scale_down 4'],
    );
    t.end();
  },
);
