// Follows every completed action until it can be judged: looks at its topology, asks the policy, writes the outcome.
import type { ActionLog } from '../action-log/action-log.js';
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { ServiceMetrics } from '../metrics/service-metrics.js';
import type { Action } from '../model/action.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { Outcome } from '../model/outcome.js';
import { judgeAction } from '../policy/judge-action.js';
import { factsOf } from './action-runner.js';
import type { TopologyWatch } from './topology-watch.js';

export interface ActionSettlerParts {
  readonly log: ActionLog;
  readonly watch: TopologyWatch;
  readonly metrics: ServiceMetrics;
  readonly windowMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Judges all completed actions that can be judged now. */
export async function settleActions(
  openActions: readonly Action[],
  parts: ActionSettlerParts,
  signal: AbortSignal,
): Promise<void> {
  const settling = openActions.filter(({ state }) => state === 'completed');
  if (settling.length === 0) return;
  const topologies = settling.map(({ topology }) => topology);
  const looks = await parts.watch.lookAt(topologies, signal);
  if (signal.aborted) return;
  for (const action of settling) await settle(action, looks.get(action.topology) ?? null, parts);
}

async function settle(action: Action, evaluation: TopologyEvaluation | null, parts: ActionSettlerParts): Promise<void> {
  const { log, watch, windowMs, clock } = parts;
  const rules = watch.rulesOf(action.topology);
  const nowMs = clock.now();
  // Taken out of the configuration while it settled: nobody will look at it again.
  if (rules === null) {
    await conclude(action, 'unknown', parts);
    return;
  }
  const judgement = judgeAction({ action, evaluation, settings: rules.settings, windowMs, nowMs });
  if (judgement.kind === 'judged') await conclude(action, judgement.outcome, parts);
  else if (JSON.stringify(judgement.settling) !== JSON.stringify(action.settling)) {
    await log.recordSettling(action.id, judgement.settling);
  }
}

async function conclude(
  action: Action,
  outcome: Outcome,
  { log, metrics, clock, logger }: ActionSettlerParts,
): Promise<void> {
  await log.judgeAction(action.id, outcome, clock.now());
  metrics.recordAction({ ...action, outcome });
  logger.info({ ...factsOf(action), outcome }, 'action judged');
}
