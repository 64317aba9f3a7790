// From a plan to the action as it is written before its call leaves: key, expiry, evidence and the exact request.
import type { Engine } from '../config/configuration.js';
import type { WebhookSettings } from '../webhooks/webhook-types.js';
import { expectedBusyOf } from '../detectors/limited-load.js';
import { servedRate, totalBacklog } from '../detectors/measure-demand.js';
import {
  mapOperators,
  NOT_SETTLED,
  operatorIn,
  type Action,
  type ActionReason,
  type OperatorReason,
} from '../model/action.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { PlannedAction, PlannedOperator } from '../model/resolver.js';
import { webhookBodyOf } from '../webhooks/webhook-body.js';
import { webhookTypeOf } from '../webhooks/webhook-types.js';
import type { WatchedTopology } from './topology-watch.js';

/** By operator, the labels that are the same on all its current series. */
export type OperatorLabels = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** Of these operators of a topology; rejects if Prometheus does not answer. */
export type LabelSensor = (
  engine: Engine,
  operators: readonly string[],
  watched: WatchedTopology | undefined,
  signal: AbortSignal,
) => Promise<OperatorLabels>;

/** What a call is made of, whatever it is for. */
export interface Call {
  readonly id: string;
  readonly evaluation: TopologyEvaluation;
  readonly webhook: WebhookSettings;
  readonly labels: OperatorLabels;
  readonly nowMs: number;
}

export interface Claim extends Call {
  readonly plan: PlannedAction;
  readonly isDryRun: boolean;
}

/** @throws DhalionError config_invalid if a template of the webhook cannot be rendered */
export function claimedAction({ plan, isDryRun, ...call }: Claim): Action {
  const action = prepareAction({ topology: call.evaluation.topology, ...plan, reverts: null }, call);
  return isDryRun ? { ...action, state: 'judged', dryRun: true, judgedAtMs: call.nowMs } : action;
}

/**
 * The action that gives back what a harmful scale_down took away.
 * @throws DhalionError config_invalid if a template of the webhook cannot be rendered
 */
export function revertOf(harmful: Action, call: Call): Action {
  return prepareAction(undoingOf(harmful), call);
}

/** What a revert asks for: every operator as it was. */
export function undoingOf({ id, topology, operators }: Action): Undertaking {
  const undoing = mapOperators(operators, ({ operator, diagnosis, ...harmful }) => ({
    operator,
    diagnosis,
    currentParallelism: harmful.desiredParallelism,
    desiredParallelism: harmful.currentParallelism,
    operatorInstances: [],
  }));
  return { topology, resolver: 'revert', operators: undoing, reverts: id };
}

/**
 * Whether an earlier call asked for the same, of the same receiver: all of it is as it would be now, but for its key, its times
 * and what it was based on.
 * @throws DhalionError config_invalid if a template of the webhook cannot be rendered
 */
export function isSameCall(
  earlier: Action,
  undertaking: Undertaking,
  { webhook, labels }: Pick<Call, 'webhook' | 'labels'>,
): boolean {
  const { id, claimedAtMs, expiresAtMs } = earlier;
  const asked = undertaking.operators;
  if (asked.length !== earlier.operators.length) return false;
  if (!asked.every(({ operator }) => operatorIn(earlier, operator) !== undefined)) return false;
  const operators = mapOperators(earlier.operators, (then) => ({
    ...then,
    ...asked.find(({ operator }) => operator === then.operator),
    diagnosis: then.diagnosis,
    labels: inOrder(labels.get(then.operator) ?? {}),
  }));
  const asThen = { ...undertaking, operators, id, claimedAtMs, expiresAtMs };
  const now = webhookTypeOf(webhook).renderRequest(webhook, webhookBodyOf(asThen));
  return earlier.webhook === webhook.name && JSON.stringify(now) === JSON.stringify(earlier.request);
}

/** Prometheus need not tell them in the same order twice. */
function inOrder(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** What a call is to bring about, of whom. */
export type Undertaking = Pick<Action, 'topology' | 'resolver' | 'reverts'> & Pick<PlannedAction, 'operators'>;

function prepareAction(undertaking: Undertaking, { id, evaluation, webhook, labels, nowMs }: Call): Action {
  const operators = mapOperators(undertaking.operators, (asked) => ({
    ...asked,
    reason: operatorReasonOf(evaluation, asked),
  }));
  const labelled = mapOperators(operators, (asked) => ({
    ...asked,
    labels: inOrder(labels.get(asked.operator) ?? {}),
  }));
  const facts = {
    id,
    ...undertaking,
    operators,
    claimedAtMs: nowMs,
    expiresAtMs: nowMs + webhook.expiresAfterMs,
  };
  return {
    ...facts,
    state: 'claimed',
    outcome: null,
    blamed: null,
    revertedBy: null,
    reason: reasonOf(evaluation),
    dryRun: false,
    completedAtMs: null,
    judgedAtMs: null,
    attempts: 0,
    failure: null,
    refusal: null,
    webhook: webhook.name,
    request: webhookTypeOf(webhook).renderRequest(webhook, webhookBodyOf({ ...facts, operators: labelled })),
    settling: NOT_SETTLED,
  };
}

function operatorReasonOf(
  evaluation: TopologyEvaluation,
  { operator: name, desiredParallelism }: PlannedOperator,
): OperatorReason {
  const operator = evaluation.operators.find(({ measurement }) => measurement.spec.name === name);
  const pendingPackets = operator?.measurement.pendingPackets;
  const processingRate = operator?.measurement.processingRate;
  return {
    suspendedRatio: operator?.suspendedRatio ?? null,
    pendingPackets: pendingPackets?.kind === 'measured' ? pendingPackets.mean : null,
    processingRate: processingRate?.kind === 'measured' ? processingRate.total : null,
    offeredRatio: operator?.load.offeredRatio ?? null,
    expectedBusy:
      operator === undefined
        ? null
        : expectedBusyOf(operator.measurement, operator.load, evaluation.flowLimit, desiredParallelism),
    neededInstances: operator?.load.neededInstances ?? null,
    effectiveBusy: operator?.load.effectiveBusy ?? null,
    fullBusy: operator?.load.fullBusy ?? null,
  };
}

function reasonOf(evaluation: TopologyEvaluation): ActionReason {
  return {
    sourceBacklog: totalBacklog({ operators: evaluation.operators.map(({ measurement }) => measurement) }),
    offeredRate: evaluation.offeredRate,
    servedRate: servedRate({ operators: evaluation.operators.map(({ measurement }) => measurement) }),
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
