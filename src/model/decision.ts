// The policy's answer to one alert: act, or hold with exactly one reason.
import type { DiagnosisName } from './diagnosis.js';
import type { ActionKind } from './resolver.js';
import type { Symptoms } from './symptom.js';
import type { Truth } from './truth.js';

/** In the order in which the reasons that need no fresh look are tested; those from `unknown_measurements` on are found by a look. */
export const HOLD_REASONS = [
  'unknown_topology',
  'observe_only',
  'unsupported_resolver',
  'stale_alert',
  'paused',
  'excluded_period',
  'action_in_flight',
  'cooldown',
  'rate_limited',
  'fleet_brake',
  'call_refused',
  'unknown_measurements',
  'not_current',
  'blacklisted',
  'at_limit',
  'dry_run',
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

export const DECISIONS = ['act', 'hold'] as const;

export interface Decision {
  readonly atMs: number;
  readonly topology: string;
  readonly operator: string;
  readonly diagnosis: DiagnosisName;
  readonly resolver: ActionKind | null;
  readonly decision: (typeof DECISIONS)[number];
  /** null when acting. */
  readonly reason: HoldReason | null;
  readonly actionId: string | null;
}

/** What was seen of the operator when it was decided. What an earlier version has written may lack symptoms. */
export interface Evidence {
  /** Unix time of the window's end, ms. */
  readonly evaluatedAtMs: number;
  /** Whether the topology had an operator of that name; null: an earlier version did not note it. */
  readonly isOperatorKnown: boolean | null;
  /** Of the topology. */
  readonly backpressure: Truth | null;
  readonly parallelism: number | null;
  readonly recommendedParallelism: number | null;
  readonly suspendedRatio: number | null;
  readonly symptoms: Partial<Symptoms> | null;
  readonly diagnoses: readonly DiagnosisName[] | null;
  /** Of the whole topology, as `operator/sensor`. */
  readonly missingSensors: readonly string[];
  /** What was not known, where the alert was held for that. */
  readonly unknownBecause: string | null;
}
