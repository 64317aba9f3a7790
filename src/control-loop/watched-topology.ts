// One topology as it was last looked at, with how the configuration treats it.
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { SensedTopology } from '../sensors/assemble-measurements.js';
import type { TopologyRules } from './topology-rules.js';

export interface WatchedTopology extends TopologyRules {
  /** Number of the look: a later look has a larger one, whatever the clock says. */
  readonly lookNumber: number;
  readonly evaluation: TopologyEvaluation;
  readonly sensed: SensedTopology;
}
