// The policy's answer to one alert: act, or hold with exactly one reason.
import type { DiagnosisName } from './diagnosis.js';
import type { ActionKind } from './resolver.js';

/** In the order in which they are tested: those before `unknown_measurements` need no fresh look at the topology. */
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
