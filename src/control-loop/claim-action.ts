// From a plan to the action as it is written before its call leaves: key, expiry, evidence and the exact request.
import type { IncomingAlert } from '../action-log/action-log.js';
import type { Engine, WebhookSettings } from '../config/configuration.js';
import { totalBacklog } from '../detectors/measure-demand.js';
import { NOT_SETTLED, type Action, type ActionReason } from '../model/action.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { PlannedAction } from '../model/resolver.js';
import { renderRequest } from '../webhooks/render-request.js';
import { webhookBodyOf } from '../webhooks/webhook-body.js';
import type { WatchedTopology } from './topology-watch.js';

/** The labels that are the same on all the operator's current series; rejects if Prometheus does not answer. */
export type LabelSensor = (
  engine: Engine,
  alert: IncomingAlert,
  watched: WatchedTopology | undefined,
  signal: AbortSignal,
) => Promise<Readonly<Record<string, string>>>;

export interface Claim {
  readonly id: string;
  readonly alert: IncomingAlert;
  readonly plan: PlannedAction;
  readonly evaluation: TopologyEvaluation;
  readonly webhook: WebhookSettings;
  readonly labels: Readonly<Record<string, string>>;
  readonly isDryRun: boolean;
  readonly nowMs: number;
}

/** @throws DhalionError config_invalid if a template of the webhook cannot be rendered */
export function claimedAction({ id, alert, plan, evaluation, webhook, labels, isDryRun, nowMs }: Claim): Action {
  const facts = {
    id,
    topology: alert.topology,
    operator: alert.operator,
    diagnosis: alert.diagnosis,
    ...plan,
    reverts: null,
    reason: reasonOf(evaluation, alert.operator),
    claimedAtMs: nowMs,
    expiresAtMs: nowMs + webhook.expiresAfterMs,
  };
  return {
    ...facts,
    state: isDryRun ? 'judged' : 'claimed',
    outcome: null,
    revertedBy: null,
    dryRun: isDryRun,
    completedAtMs: null,
    judgedAtMs: isDryRun ? nowMs : null,
    attempts: 0,
    failure: null,
    webhook: webhook.name,
    request: renderRequest(webhook, webhookBodyOf({ ...facts, labels })),
    settling: NOT_SETTLED,
  };
}

function reasonOf(evaluation: TopologyEvaluation, name: string): ActionReason {
  const operator = evaluation.operators.find(({ measurement }) => measurement.spec.name === name);
  const pendingPackets = operator?.measurement.pendingPackets;
  const processingRate = operator?.measurement.processingRate;
  return {
    suspendedRatio: operator?.suspendedRatio ?? null,
    pendingPackets: pendingPackets?.kind === 'measured' ? pendingPackets.mean : null,
    processingRate: processingRate?.kind === 'measured' ? processingRate.total : null,
    sourceBacklog: totalBacklog({ operators: evaluation.operators.map(({ measurement }) => measurement) }),
    offeredRate: evaluation.offeredRate,
    missingSensors: evaluation.operators.flatMap(({ measurement, missingSensors }) =>
      missingSensors.map((sensor) => `${measurement.spec.name}/${sensor}`),
    ),
  };
}

/** What a decision was based on, for `GET /api/v1/decisions`. */
export function evidenceOf(evaluation: TopologyEvaluation, name: string): unknown {
  const operator = evaluation.operators.find(({ measurement }) => measurement.spec.name === name);
  return {
    evaluated_at: new Date(evaluation.atMs).toISOString(),
    backpressure: evaluation.backpressure,
    parallelism: operator?.measurement.parallelism ?? null,
    recommended_parallelism: operator?.recommendedParallelism ?? null,
    suspended_ratio: operator?.suspendedRatio ?? null,
    symptoms: operator?.symptoms ?? null,
    diagnoses: operator?.diagnoses.map(({ diagnosis }) => diagnosis) ?? null,
    missing_sensors: evaluation.operators.flatMap(({ measurement, missingSensors }) =>
      missingSensors.map((sensor) => `${measurement.spec.name}/${sensor}`),
    ),
  };
}
