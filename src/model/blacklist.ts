// Diagnosis–resolver pairs of an operator that are not retried for a while, because they did harm or no good.
import type { DiagnosisName } from './diagnosis.js';
import type { ResolverName } from './resolver.js';

/** What an entry is about. */
export interface BlacklistKey {
  readonly topology: string;
  readonly operator: string;
  readonly diagnosis: DiagnosisName;
  readonly resolver: ResolverName;
}

/** in_force: alerts are held · suspended: the load differs so much that the past failure says nothing about the present. */
export const BLACKLIST_STATES = ['in_force', 'suspended'] as const;
export const BLACKLIST_CAUSES = ['harmful', 'ineffective'] as const;

export interface BlacklistEntry extends BlacklistKey {
  /** Id of the action that put the pair on the blacklist. */
  readonly id: string;
  readonly cause: (typeof BLACKLIST_CAUSES)[number];
  readonly sinceMs: number;
  /** null: until removed by hand. */
  readonly expiresAtMs: number | null;
  readonly state: (typeof BLACKLIST_STATES)[number];
  /** scale_down only: the least number of instances allowed under the load last seen; null: unknown, or another resolver. */
  readonly floor: number | null;
}

/** A person's order to disregard everything that the log held against a pair until then. */
export interface BlacklistRemoval extends BlacklistKey {
  readonly atMs: number;
}
