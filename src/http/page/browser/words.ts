// Texts for the closed lists of names. The compiler requires a text for each new name.
import type { HoldReason } from '../../../model/decision.js';
import type { DiagnosisName } from '../../../model/diagnosis.js';
import type { JudgingPhase } from '../../../model/judging.js';
import type { Outcome } from '../../../model/outcome.js';
import type { Mode } from '../../../model/policy-settings.js';
import type { ActionKind, ResolverName } from '../../../model/resolver.js';
import type { SymptomName } from '../../../model/symptom.js';

/** Why an alert is held, and the remedy. */
export const HOLDS: Readonly<Record<HoldReason, { readonly means: string; readonly remedy: string }>> = {
  unknown_topology: {
    means: 'The topology is not in the configuration.',
    remedy: 'Add it to the configuration, by name or by a discover pattern, or route its alerts elsewhere.',
  },
  observe_only: {
    means: 'Its mode is observe: Dhalion recommends and does not act.',
    remedy: 'None needed. For actions, set the mode to dry_run or enforce, and configure a webhook.',
  },
  unsupported_resolver: {
    means: 'No webhook serves this resolver, or the webhook’s template cannot be rendered.',
    remedy: 'Configure a webhook for it; the log has the fault of a template.',
  },
  stale_alert: {
    means: 'The alert waited too long for its decision (max_alert_age).',
    remedy: 'None needed: the next notification is decided again. Check whether the service or its storage was down.',
  },
  paused: {
    means: 'A person paused it.',
    remedy: 'See the pauses for reason and end. End the pause to continue.',
  },
  excluded_period: {
    means: 'The present time is in an excluded period.',
    remedy: 'None needed: it continues after the period.',
  },
  action_in_flight: {
    means: 'An action on this topology is not judged yet. Only one runs at a time, so that an outcome has one cause.',
    remedy: 'Wait for the judgement. If it takes long, see what the open action waits for.',
  },
  cooldown: {
    means: 'The last action was judged a short while ago (cooldown).',
    remedy: 'Wait: the next notification after the cooldown is decided again.',
  },
  rate_limited: {
    means: 'The limit of max_actions_per_hour is reached.',
    remedy: 'Find out why there were so many: scaling should not follow a load that changes faster than the window.',
  },
  fleet_brake: {
    means:
      'A limit of the fleet is reached: open actions, actions per hour, or topologies that ask for a scale-down at once.',
    remedy: 'First check for failing scrapes: they make a fleet look idle.',
  },
  call_refused: {
    means: 'The same call was recently refused for good (retry_refused_after), and nothing has changed since.',
    remedy: 'See the failed action for the reason, and fix it. A changed webhook or plan is tried at once.',
  },
  unknown_measurements: {
    means: 'Required measurements are missing or incomplete.',
    remedy:
      'Find the sensors marked missing: Prometheus has no series for them. After a restart, wait for a full window.',
  },
  not_current: {
    means: 'A new evaluation no longer has the diagnosis: the alert is out of date.',
    remedy: 'None needed.',
  },
  blacklisted: {
    means: 'This resolver did harm here, or had no effect.',
    remedy: 'See the blacklist. Fix the cause, then remove the entry.',
  },
  at_limit: {
    means: 'The parallelism is at its bound, or another one would not help.',
    remedy: 'At its bound: raise max_parallelism (or lower min_parallelism), if capacity allows.',
  },
  dry_run: {
    means: 'Its mode is dry_run: everything was done except the call.',
    remedy: 'See the action log for the rehearsed action. Set the mode to enforce when it looks right.',
  },
};

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  resolved: 'the diagnosis is gone',
  improved: 'still there, but better',
  ineffective: 'no effect',
  harmful: 'it did harm',
  not_applied: 'the parallelism did not change',
  superseded: 'somebody else scaled',
  failed: 'the call failed',
  cancelled: 'by a person, or the alert ended before it was sent',
  unknown: 'the data for a judgement did not return',
  dry_run: 'no call was made',
};
export const GOOD_OUTCOMES: readonly Outcome[] = ['resolved', 'improved'];
export const BAD_OUTCOMES: readonly Outcome[] = ['harmful', 'failed', 'ineffective', 'not_applied'];

export const SYMPTOM_WORDS: Readonly<Record<SymptomName, string>> = {
  backpressure: 'backpressure',
  pending_packets_near_zero: 'no packets wait',
  pending_packets_skew: 'packets skewed',
  processing_rate_skew: 'rates skewed',
  stalled: 'stalled',
  growing_pending_packets: 'packets grow',
  growing_source_backlog: 'backlog grows',
};

export const DIAGNOSIS_WORDS: Readonly<Record<DiagnosisName, string>> = {
  underprovisioning: 'too few instances',
  overprovisioning: 'too many instances',
  slow_instances: 'a few instances are slow',
  data_skew: 'a few instances get most of the data',
};

export const RESOLVER_WORDS: Readonly<Record<ActionKind, string>> = {
  restart_instances: 'restart instances',
  rebalance: 'rebalance',
  scale_up: 'scale up',
  scale_down: 'scale down',
  revert: 'revert a scale down',
};

/** Resolvers other than scaling, used if a webhook serves them. */
export const GENTLE_RESOLVERS: Readonly<Partial<Record<DiagnosisName, ResolverName>>> = {
  slow_instances: 'restart_instances',
  data_skew: 'rebalance',
};

export const PHASE_WORDS: Readonly<Record<JudgingPhase, string>> = {
  calling: 'its call is under way',
  awaiting_effect: 'waiting to see its effect with all sensors reporting',
  awaiting_backlog: 'waiting for the backlog that piled up to be worked off',
  observing: 'looking at it for a full window',
};

export const MODE_WORDS: Readonly<Record<Mode, string>> = {
  enforce: 'acts',
  dry_run: 'decides, makes no calls',
  observe: 'only observes',
};
/** For every mode, if there is no webhook. */
export const NO_WEBHOOK_WORDS = 'recommends only (no webhook)';
