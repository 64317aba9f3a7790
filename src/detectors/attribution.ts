// The attribution of backpressure to one operator, for both kinds of engine.
import type { Truth } from '../model/truth.js';

export interface Attribution {
  /** Suspended ratio b, 0..0.999: share of the window in which input was suspended because of this operator; null: unknown. */
  readonly suspendedRatio: number | null;
  readonly isCulprit: Truth;
  /** Names of the culprits that hold this operator up, in the topology's order; empty: none known. */
  readonly heldUpBy: readonly string[];
}

export const MAX_SUSPENDED_RATIO = 0.999;

export const UNKNOWN_ATTRIBUTION: Attribution = { suspendedRatio: null, isCulprit: 'unknown', heldUpBy: [] };
