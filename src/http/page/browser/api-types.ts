// What the API answers, in the types of the schemas that describe it.
import type { FromSchema } from 'json-schema-to-ts';
import type { actionSchema, blacklistEntrySchema, decisionSchema, pauseSchema } from '../../api-schemas.js';
import type { topologyHistorySchema } from '../../history-api-schema.js';
import type { measurementsSchema, operatorSchema, topologySchema } from '../../topology-api-schema.js';

export type Topology = FromSchema<typeof topologySchema>;
export type Operator = FromSchema<typeof operatorSchema>;
export type Measurements = FromSchema<typeof measurementsSchema>;
export type History = FromSchema<typeof topologyHistorySchema>;
export type Action = FromSchema<typeof actionSchema>;
export type Decision = FromSchema<typeof decisionSchema>;
export type BlacklistEntry = FromSchema<typeof blacklistEntrySchema>;
export type Pause = FromSchema<typeof pauseSchema>;

/** `/-/ready`, by line. */
export interface Readiness {
  readonly isReady: boolean;
  /** What is wrong, or done without. */
  readonly lines: readonly string[];
}

/** Everything the page shows, each part as it was answered last. */
export interface Answers {
  readonly topologies: readonly Topology[];
  /** Newest first. */
  readonly actions: readonly Action[];
  readonly blacklist: readonly BlacklistEntry[];
  readonly pauses: readonly Pause[];
  /** Newest first. */
  readonly decisions: readonly Decision[];
  readonly readiness: Readiness;
  /** Of the last answer, by the service's clock, ms. */
  readonly atMs: number;
}

/** What a person fills in. */
export interface PauseForm {
  /** null: every topology. */
  readonly topology: string | null;
  /** Empty: every resolver. */
  readonly resolver: string;
  readonly duration: string;
  readonly reason: string;
}
