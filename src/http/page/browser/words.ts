// Texts for the closed lists of names. The compiler requires a text for each new name.
import type { HoldReason } from '../../../model/decision.js';
import type { DiagnosisName } from '../../../model/diagnosis.js';
import type { JudgingPhase } from '../../../model/judging.js';
import type { Outcome } from '../../../model/outcome.js';
import type { Mode } from '../../../model/policy-settings.js';
import type { ActionKind, ResolverName } from '../../../model/resolver.js';
import type { SymptomName } from '../../../model/symptom.js';

/** Why an alert was held, and what a person can do about it. */
export const HOLDS: Readonly<Record<HoldReason, { readonly means: string; readonly remedy: string }>> = {
  unknown_topology: {
    means: 'The configuration knows no such topology.',
    remedy: 'List it, or let a discover pattern match it; or route its alerts elsewhere.',
  },
  observe_only: {
    means: 'Its mode is observe: Dhalion recommends and does not act.',
    remedy: 'Nothing; to have it act, change the mode to dry_run or enforce, and name a webhook if there is none.',
  },
  unsupported_resolver: {
    means: 'No webhook serves this resolver, or the webhook’s template cannot be rendered.',
    remedy: 'Name a webhook for it in the configuration; the log says what is wrong with a template.',
  },
  stale_alert: {
    means: 'The alert waited too long for its decision (max_alert_age).',
    remedy: 'Nothing: the next notification is decided afresh. Was the service or its storage down?',
  },
  paused: {
    means: 'A person paused it.',
    remedy: 'See the pauses: who meant what, and until when. End the pause to go on.',
  },
  excluded_period: {
    means: 'Now is within one of its excluded periods.',
    remedy: 'Nothing: it goes on when the period is over.',
  },
  action_in_flight: {
    means: 'An action on this topology is not judged yet; there is one at a time, so that an outcome has one cause.',
    remedy: 'Wait for the judgement. If it takes long, the open action says what it waits for.',
  },
  cooldown: {
    means: 'The last action was judged a short while ago (cooldown).',
    remedy: 'Wait: the next notification after the cooldown is decided afresh.',
  },
  rate_limited: {
    means: 'As many actions as max_actions_per_hour allows were made.',
    remedy: 'Find out why so many were wanted: a load that swings faster than the window is better not followed.',
  },
  fleet_brake: {
    means:
      'The brakes of the whole fleet hold it: too many open actions, too many in an hour, or too many topologies that want to scale down at once.',
    remedy: 'Look for a failing scrape first: it makes a fleet look idle.',
  },
  call_refused: {
    means:
      'The same call was refused for good a short while ago (retry_refused_after), and nothing about it has changed.',
    remedy: 'The failed action says why. Mend that; a changed webhook or plan is tried at once.',
  },
  unknown_measurements: {
    means: 'Something that must be known is missing or incomplete.',
    remedy:
      'Find the sensors that are marked missing; their series are not in Prometheus. After a restart wait for a full window.',
  },
  not_current: {
    means: 'At a fresh look the diagnosis did not hold any more: the alert outlived it.',
    remedy: 'Nothing.',
  },
  blacklisted: {
    means: 'This resolver did harm here, or was of no use.',
    remedy: 'See the blacklist. Remedy what made it so, then remove the entry.',
  },
  at_limit: {
    means: 'The parallelism is at its bound, or another one would not help.',
    remedy: 'At its bound: raise max_parallelism (or lower min_parallelism), if the machines are there.',
  },
  dry_run: {
    means: 'Its mode is dry_run: everything was done but the call.',
    remedy: 'The action log has what would have been done. Change the mode to enforce when it looks right.',
  },
};

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  resolved: 'what was diagnosed is gone',
  improved: 'still there, but better',
  ineffective: 'it changed nothing',
  harmful: 'it did harm',
  not_applied: 'the parallelism stayed as it was',
  superseded: 'somebody else scaled',
  failed: 'the call failed',
  cancelled: 'by a person, or the alert ended before it was sent',
  unknown: 'the data that would tell did not come back',
  dry_run: 'nobody was called',
};
export const GOOD_OUTCOMES: readonly Outcome[] = ['resolved', 'improved'];
export const BAD_OUTCOMES: readonly Outcome[] = ['harmful', 'failed', 'ineffective', 'not_applied'];

export const SYMPTOM_WORDS: Readonly<Record<SymptomName, string>> = {
  backpressure: 'backpressure',
  pending_packets_near_zero: 'nothing waits',
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

/** What is answered otherwise than by scaling, where there is a webhook for it. */
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
  dry_run: 'decides, calls nobody',
  observe: 'only observes',
};
/** Whatever its mode, where there is nobody to call. */
export const NO_WEBHOOK_WORDS = 'recommends only (no webhook)';
