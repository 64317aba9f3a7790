import t from 'tap';
import { HOLD_REASONS } from '../../src/model/decision.js';
import { holdBeforeLooking, type AlertContext } from '../../src/policy/hold-before-looking.js';

const CLEAR: AlertContext = {
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
};

/** The condition of each reason, in the order of the checks. */
const BLOCKING: [string, Partial<AlertContext>][] = [
  ['observe_only', { mode: 'observe' }],
  ['unsupported_resolver', { isSupported: false }],
  ['stale_alert', { alertAgeMs: 900_001 }],
  ['paused', { isPaused: true }],
  ['excluded_period', { isExcludedPeriod: true }],
  ['action_in_flight', { hasOpenAction: true }],
  ['cooldown', { sinceLastJudgedMs: 59_999 }],
  ['rate_limited', { limitedActionsInLastHour: 12 }],
  ['fleet_brake', { isFleetBraked: true }],
];

await t.test('before a look, an alert is held for exactly one reason, the first that applies', (t) => {
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
    // A refused call is found by what the newest look suggests.
    HOLD_REASONS.slice(1, HOLD_REASONS.indexOf('call_refused')),
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
