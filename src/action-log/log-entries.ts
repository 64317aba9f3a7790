// What is written to the action log and read from it, besides actions, pauses and removals, which are the model's.
import type { Decision, Evidence } from '../model/decision.js';
import type { DiagnosisName } from '../model/diagnosis.js';
import type { InstanceMemory } from '../policy/notice-missing-instances.js';

export interface IncomingAlert {
  readonly status: 'firing' | 'resolved';
  readonly topology: string;
  readonly operator: string;
  readonly diagnosis: DiagnosisName;
  readonly fingerprint: string | null;
  /** RFC 3339 as received; null if absent. */
  readonly startsAt: string | null;
}

/** A committed alert; `id` orders alerts by acceptance. */
export interface AcceptedAlert extends IncomingAlert {
  readonly id: number;
  readonly acceptedAtMs: number;
}

/** A decision with the measurements it was based on (null: it was made without a look). */
export interface LoggedDecision extends Decision {
  readonly alertId: number | null;
  readonly evidence: Evidence | null;
}

/** What is remembered about one operator. */
export interface RememberedInstances extends InstanceMemory {
  readonly topology: string;
  readonly operator: string;
}

/** The operators whose instances a person wants forgotten. */
export interface ForgetOrder {
  readonly topology: string;
  /** null: all operators of the topology. */
  readonly operator: string | null;
}

/** A logged order; `id` orders them. */
export interface LoggedForgetOrder extends ForgetOrder {
  readonly id: number;
}

/** How many instances of an operator were remembered. */
export interface ForgottenInstances {
  readonly operator: string;
  readonly parallelism: number;
}
