// From a plan to the action as it is written before its call leaves: key, expiry, evidence and the exact request.
import type { IncomingAlert } from '../action-log/action-log.js';
import type { Engine, WebhookSettings } from '../config/configuration.js';
import { totalBacklog } from '../detectors/measure-demand.js';
import { NOT_SETTLED, type Action, type ActionReason } from '../model/action.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { PlannedAction } from '../model/resolver.js';
import { webhookBodyOf } from '../webhooks/webhook-body.js';
import { webhookTypeOf } from '../webhooks/webhook-type.js';
import type { WatchedTopology } from './topology-watch.js';

/** The labels that are the same on all the operator's current series; rejects if Prometheus does not answer. */
export type LabelSensor = (
  engine: Engine,
  alert: Pick<IncomingAlert, 'topology' | 'operator'>,
  watched: WatchedTopology | undefined,
  signal: AbortSignal,
) => Promise<Readonly<Record<string, string>>>;

/** What a call is made of, whatever it is for. */
export interface Call {
  readonly id: string;
  readonly evaluation: TopologyEvaluation;
  readonly webhook: WebhookSettings;
  readonly labels: Readonly<Record<string, string>>;
  readonly nowMs: number;
}

export interface Claim extends Call {
  readonly alert: Pick<IncomingAlert, 'topology' | 'operator' | 'diagnosis'>;
  readonly plan: PlannedAction;
  readonly isDryRun: boolean;
}

/** @throws DhalionError config_invalid if a template of the webhook cannot be rendered */
export function claimedAction({ alert, plan, isDryRun, ...call }: Claim): Action {
  const { topology, operator, diagnosis } = alert;
  const action = prepareAction({ topology, operator, diagnosis, ...plan, reverts: null }, call);
  return isDryRun ? { ...action, state: 'judged', dryRun: true, judgedAtMs: call.nowMs } : action;
}

/**
 * The action that gives back what a harmful scale_down took away.
 * @throws DhalionError config_invalid if a template of the webhook cannot be rendered
 */
export function revertOf(harmful: Action, call: Call): Action {
  return prepareAction(undoingOf(harmful), call);
}

/** What a revert asks for. */
export function undoingOf({ id, topology, operator, diagnosis, ...harmful }: Action): Undertaking {
  return {
    topology,
    operator,
    diagnosis,
    resolver: 'revert',
    currentParallelism: harmful.desiredParallelism,
    desiredParallelism: harmful.currentParallelism,
    operatorInstances: [],
    reverts: id,
  };
}

/**
 * Whether an earlier call asked for the same, of the same receiver: all of it is as it would be now, but for its key, its times
 * and what it was based on.
 * @throws DhalionError config_invalid if a template of the webhook cannot be rendered
 */
export function isSameCall(
  earlier: Action,
  undertaking: Omit<Undertaking, 'diagnosis'>,
  { webhook, labels }: Pick<Call, 'webhook' | 'labels'>,
): boolean {
  const { id, diagnosis, reason, claimedAtMs, expiresAtMs } = earlier;
  const asThen = { ...undertaking, id, diagnosis, reason, claimedAtMs, expiresAtMs, labels: inOrder(labels) };
  const now = webhookTypeOf(webhook).renderRequest(webhookBodyOf(asThen));
  return earlier.webhook === webhook.name && JSON.stringify(now) === JSON.stringify(earlier.request);
}

/** Prometheus need not tell them in the same order twice. */
function inOrder(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}

export type Undertaking = Pick<
  Action,
  | 'topology'
  | 'operator'
  | 'diagnosis'
  | 'resolver'
  | 'currentParallelism'
  | 'desiredParallelism'
  | 'operatorInstances'
  | 'reverts'
>;

function prepareAction(undertaking: Undertaking, { id, evaluation, webhook, labels, nowMs }: Call): Action {
  const facts = {
    id,
    ...undertaking,
    reason: reasonOf(evaluation, undertaking.operator),
    claimedAtMs: nowMs,
    expiresAtMs: nowMs + webhook.expiresAfterMs,
  };
  return {
    ...facts,
    state: 'claimed',
    outcome: null,
    revertedBy: null,
    dryRun: false,
    completedAtMs: null,
    judgedAtMs: null,
    attempts: 0,
    failure: null,
    refusal: null,
    webhook: webhook.name,
    request: webhookTypeOf(webhook).renderRequest(webhookBodyOf({ ...facts, labels: inOrder(labels) })),
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
    operator_known: operator !== undefined,
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
