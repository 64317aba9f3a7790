// Renders the model as the JSON of the API. Times are RFC 3339, unknown is null, values that do not apply are absent.
import type { FromSchema } from 'json-schema-to-ts';
import type { ForgottenInstances, LoggedDecision } from '../action-log/log-entries.js';
import { isBlamed, type Action, type ActionOperator, type ActionReason, type OperatorReason } from '../model/action.js';
import type { BlacklistEntry } from '../model/blacklist.js';
import type { Decision, Evidence } from '../model/decision.js';
import type { Demand, OperatorEvaluation } from '../model/evaluation.js';
import type { JudgingProgress } from '../model/judging.js';
import type { OperatorMeasurement, OutlierInstance, Reading } from '../model/measurement.js';
import type { Pause } from '../model/pause.js';
import { engineWaitsUntilMs } from '../policy/engine-wait.js';
import type {
  actionSchema,
  blacklistEntrySchema,
  decisionSchema,
  forgottenInstancesSchema,
  loggedDecisionSchema,
  pauseSchema,
} from './api-schemas.js';
import type { TopologyView } from './service-view.js';
import type { measurementsSchema, operatorSchema, topologySchema } from './topology-api-schema.js';

export function renderTopology(view: TopologyView): FromSchema<typeof topologySchema> {
  const { evaluation } = view;
  const limit = evaluation?.flowLimit ?? null;
  return {
    topology: view.topology,
    engine: view.engine,
    mode: view.mode,
    resolvers: [...view.resolvers],
    evaluated_at: renderTime(evaluation?.atMs ?? null),
    backpressure: evaluation?.backpressure ?? 'unknown',
    draining: evaluation?.isDraining ?? 'unknown',
    demand: evaluation === null ? null : renderDemand(evaluation.demand),
    offered_rate: evaluation?.offeredRate ?? null,
    flow_limit: limit && { ...limit },
    open_action: view.openAction === null ? null : renderAction(view.openAction),
    judging: view.judging === null ? null : renderJudging(view.judging),
    last_decisions: view.lastDecisions.map(renderDecision),
    operators: (evaluation?.operators ?? []).map(renderOperator),
  };
}

function renderJudging({ phase, earliestAtMs, waitsUntilMs }: JudgingProgress) {
  return { phase, earliest_at: renderTime(earliestAtMs), waits_until: renderTime(waitsUntilMs) };
}

export function renderAction(action: Action): FromSchema<typeof actionSchema> {
  const [first] = action.operators;
  return {
    id: action.id,
    topology: action.topology,
    operators: action.operators.map((asked) => renderActionOperator(action, asked)),
    operator: first.operator,
    resolver: action.resolver,
    diagnosis: first.diagnosis,
    state: action.state,
    outcome: action.outcome,
    current_parallelism: first.currentParallelism,
    desired_parallelism: first.desiredParallelism,
    reverts: action.reverts,
    reverted_by: action.revertedBy,
    claimed_at: renderTime(action.claimedAtMs),
    completed_at: renderTime(action.completedAtMs),
    judged_at: renderTime(action.judgedAtMs),
    attempts: action.attempts,
    reason: renderReason({ ...first.reason, ...action.reason }),
    dry_run: action.dryRun,
    failure: action.failure,
    held_up_by: action.settling.heldUpBy,
    engine_waits_until: renderTime(engineWaitsUntilMs(action)),
  };
}

function renderActionOperator(action: Action, asked: ActionOperator) {
  const { outcome } = action;
  const isAgainst = outcome === 'ineffective' || outcome === 'harmful';
  return {
    operator: asked.operator,
    diagnosis: asked.diagnosis,
    current_parallelism: asked.currentParallelism,
    desired_parallelism: asked.desiredParallelism,
    operator_instances: [...asked.operatorInstances],
    counts_against: isAgainst ? isBlamed(action, asked) : null,
    reason: {
      suspended_ratio: asked.reason.suspendedRatio,
      offered_ratio: asked.reason.offeredRatio,
      effective_busy: asked.reason.effectiveBusy,
      expected_busy: asked.reason.expectedBusy,
      needed_instances: asked.reason.neededInstances,
      pending_packets: asked.reason.pendingPackets,
      processing_rate: asked.reason.processingRate,
    },
  };
}

export function renderDecision(
  decision: Decision & { readonly evidence?: Evidence | null },
): FromSchema<typeof decisionSchema> {
  return {
    at: renderTime(decision.atMs),
    topology: decision.topology,
    operator: decision.operator,
    diagnosis: decision.diagnosis,
    resolver: decision.resolver,
    decision: decision.decision,
    reason: decision.reason,
    unknown_because: decision.evidence?.unknownBecause ?? null,
    action_id: decision.actionId,
  };
}

/** With the measurements it was based on; null where it was made without a look. */
export function renderLoggedDecision(decision: LoggedDecision): FromSchema<typeof loggedDecisionSchema> {
  return { ...renderDecision(decision), evidence: decision.evidence && renderEvidence(decision.evidence) };
}

function renderEvidence(evidence: Evidence) {
  return {
    evaluated_at: renderTime(evidence.evaluatedAtMs),
    operator_known: evidence.isOperatorKnown,
    backpressure: evidence.backpressure,
    parallelism: evidence.parallelism,
    recommended_parallelism: evidence.recommendedParallelism,
    suspended_ratio: evidence.suspendedRatio,
    symptoms: evidence.symptoms,
    diagnoses: evidence.diagnoses && [...evidence.diagnoses],
    missing_sensors: [...evidence.missingSensors],
    unknown_because: evidence.unknownBecause,
  };
}

export function renderBlacklistEntry(entry: BlacklistEntry): FromSchema<typeof blacklistEntrySchema> {
  return {
    id: entry.id,
    topology: entry.topology,
    operator: entry.operator,
    diagnosis: entry.diagnosis,
    resolver: entry.resolver,
    cause: entry.cause,
    since: renderTime(entry.sinceMs),
    expires_at: renderTime(entry.expiresAtMs),
    state: entry.state,
    floor: entry.floor,
  };
}

export function renderForgotten(
  topology: string,
  forgotten: readonly ForgottenInstances[],
): FromSchema<typeof forgottenInstancesSchema> {
  return { topology, forgotten: forgotten.map(({ operator, parallelism }) => ({ operator, parallelism })) };
}

export function renderPause(pause: Pause): FromSchema<typeof pauseSchema> {
  return {
    id: pause.id,
    topology: pause.topology,
    resolver: pause.resolver,
    reason: pause.reason,
    created_at: renderTime(pause.createdAtMs),
    expires_at: renderTime(pause.expiresAtMs),
  };
}

function renderReason(reason: ActionReason & OperatorReason) {
  return {
    suspended_ratio: reason.suspendedRatio,
    pending_packets: reason.pendingPackets,
    processing_rate: reason.processingRate,
    source_backlog: reason.sourceBacklog,
    offered_rate: reason.offeredRate,
  };
}

export function renderOperator(operator: OperatorEvaluation): FromSchema<typeof operatorSchema> {
  const { measurement } = operator;
  const { spec } = measurement;
  return {
    operator: spec.name,
    role: spec.role,
    inputs: spec.inputs === null ? null : [...spec.inputs],
    min_parallelism: spec.minParallelism,
    max_parallelism: spec.maxParallelism,
    input_shares: measurement.inputShares,
    parallelism: measurement.parallelism,
    recommended_parallelism: operator.recommendedParallelism,
    suspended_ratio: operator.suspendedRatio,
    held_up_by: [...operator.heldUpBy],
    offered_ratio: operator.load.offeredRatio,
    effective_busy: operator.load.effectiveBusy,
    expected_busy: operator.expectedBusy,
    needed_instances: operator.load.neededInstances,
    left_alone_because: operator.leftAloneBecause,
    symptoms: operator.symptoms,
    diagnoses: operator.diagnoses.map(({ diagnosis }) => diagnosis),
    measurements: renderMeasurements(measurement),
    outliers: measurement.outliers.map(renderOutlier),
    missing_sensors: [...operator.missingSensors],
    incomplete_because: measurement.incompleteBecause,
  };
}

/** By sensor: the measurement; null if missing; no key if the sensor does not apply. */
function renderMeasurements(measurement: OperatorMeasurement): FromSchema<typeof measurementsSchema> {
  const { backpressure, pendingPackets, processingRate, busy, sourceBacklog } = measurement;
  return {
    ...renderReading('backpressure', backpressure, ({ mean, max }) => ({ mean, max })),
    ...renderReading('pending_packets', pendingPackets, ({ mean, max, slopePerSecond }) => ({
      mean,
      max,
      slope_per_second: slopePerSecond,
    })),
    ...renderReading('processing_rate', processingRate, ({ mean, max, min, total }) => ({ mean, max, min, total })),
    ...renderReading('busy', busy, ({ mean, max }) => ({ mean, max })),
    ...renderReading('source_backlog', sourceBacklog, ({ total, slopePerSecond }) => ({
      total,
      slope_per_second: slopePerSecond,
    })),
  };
}

function renderReading<Name extends string, Statistics, Rendered>(
  name: Name,
  reading: Reading<Statistics>,
  render: (statistics: Statistics) => Rendered,
): Partial<Record<Name, Rendered | null>> {
  if (reading.kind === 'not_applicable') return {};
  return { [name]: reading.kind === 'missing' ? null : render(reading) } as Record<Name, Rendered | null>;
}

function renderOutlier(outlier: OutlierInstance) {
  return {
    operator_instance: outlier.operatorInstance,
    pending_packets: outlier.pendingPackets,
    processing_rate: outlier.processingRate,
    busy: outlier.busy,
  };
}

function renderDemand(demand: Demand): number | 'unbounded' | null {
  if (demand.kind === 'bounded') return demand.ratio;
  return demand.kind === 'unbounded' ? 'unbounded' : null;
}

function renderTime(atMs: number): string;
function renderTime(atMs: number | null): string | null;
function renderTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
