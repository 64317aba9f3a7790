// The API's answers, in the types of their schemas.
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
  /** Faults and degradations. */
  readonly lines: readonly string[];
}

/** Everything that the page shows, each part from its last answer. */
export interface Answers {
  readonly topologies: readonly Topology[];
  /** Newest first. */
  readonly actions: readonly Action[];
  readonly blacklist: readonly BlacklistEntry[];
  readonly pauses: readonly Pause[];
  /** Newest first. */
  readonly decisions: readonly Decision[];
  readonly readiness: Readiness;
  /** The service's clock at its last answer, ms. */
  readonly atMs: number;
}

/** The form's values. */
export interface PauseForm {
  /** null: all topologies. */
  readonly topology: string | null;
  /** Empty: all resolvers. */
  readonly resolver: string;
  readonly duration: string;
  readonly reason: string;
}
