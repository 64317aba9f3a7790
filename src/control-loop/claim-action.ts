// From a plan to the action as written before its call: key, expiry, evidence and the exact request.
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
import { operatorOf, type TopologyEvaluation } from '../model/evaluation.js';
import type { PlannedAction, PlannedOperator } from '../model/resolver.js';
import { webhookBodyOf } from '../webhooks/webhook-body.js';
import { webhookTypeOf } from '../webhooks/webhook-types.js';
import type { WatchedTopology } from './watched-topology.js';
import { ifMeasured } from '../model/measurement.js';

/** By operator, the labels that all its current series share. */
export type OperatorLabels = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** Senses the labels of these operators of a topology; rejects if Prometheus does not answer. */
export type LabelSensor = (
  engine: Engine,
  operators: readonly string[],
  watched: WatchedTopology | undefined,
  signal: AbortSignal,
) => Promise<OperatorLabels>;

/** The parts that every call is made of. */
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

/**
 * A dry run settles like an action whose call was answered.
 * @throws DhalionError config_invalid if a template of the webhook cannot be rendered
 */
export function claimedAction({ plan, isDryRun, ...call }: Claim): Action {
  const action = prepareAction({ topology: call.evaluation.topology, ...plan, reverts: null }, call);
  return isDryRun ? { ...action, state: 'completed', dryRun: true, completedAtMs: call.nowMs } : action;
}

/**
 * The action that restores the parallelism before a harmful scale_down.
 * @throws DhalionError config_invalid if a template of the webhook cannot be rendered
 */
export function revertOf(harmful: Action, call: Call): Action {
  return prepareAction(changeOfRevert(harmful), call);
}

/** What a revert asks for: the previous parallelism of every operator. */
export function changeOfRevert({ id, topology, operators }: Action): RequestedChange {
  const restored = mapOperators(operators, ({ operator, diagnosis, ...harmful }) => ({
    operator,
    diagnosis,
    currentParallelism: harmful.desiredParallelism,
    desiredParallelism: harmful.currentParallelism,
    operatorInstances: [],
  }));
  return { topology, resolver: 'revert', operators: restored, reverts: id };
}

/**
 * Whether an earlier call asked the same of the same receiver: everything but its key, its times and its evidence is as it
 * would be now.
 * @throws DhalionError config_invalid if a template of the webhook cannot be rendered
 */
export function isSameCall(
  earlier: Action,
  change: RequestedChange,
  { webhook, labels }: Pick<Call, 'webhook' | 'labels'>,
): boolean {
  const { id, claimedAtMs, expiresAtMs } = earlier;
  const asked = change.operators;
  if (asked.length !== earlier.operators.length) return false;
  if (!asked.every(({ operator }) => operatorIn(earlier, operator) !== undefined)) return false;
  const operators = mapOperators(earlier.operators, (then) => ({
    ...then,
    ...asked.find(({ operator }) => operator === then.operator),
    diagnosis: then.diagnosis,
    labels: inOrder(labels.get(then.operator) ?? {}),
  }));
  const asThen = { ...change, operators, id, claimedAtMs, expiresAtMs };
  const now = webhookTypeOf(webhook).renderRequest(webhook, webhookBodyOf(asThen));
  return earlier.webhook === webhook.name && JSON.stringify(now) === JSON.stringify(earlier.request);
}

/** Sorted, because Prometheus may return them in another order each time. */
function inOrder(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The change that a call asks for. */
export type RequestedChange = Pick<Action, 'topology' | 'resolver' | 'reverts'> & Pick<PlannedAction, 'operators'>;

function prepareAction(change: RequestedChange, { id, evaluation, webhook, labels, nowMs }: Call): Action {
  const operators = mapOperators(change.operators, (asked) => ({
    ...asked,
    reason: operatorReasonOf(evaluation, asked),
  }));
  const labelled = mapOperators(operators, (asked) => ({
    ...asked,
    labels: inOrder(labels.get(asked.operator) ?? {}),
  }));
  const facts = {
    id,
    ...change,
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
  const operator = operatorOf(evaluation, name);
  const pendingPackets = operator?.measurement.pendingPackets;
  const processingRate = operator?.measurement.processingRate;
  return {
    suspendedRatio: operator?.suspendedRatio ?? null,
    pendingPackets: ifMeasured(pendingPackets, ({ mean }) => mean),
    processingRate: ifMeasured(processingRate, ({ total }) => total),
    busiestRate: ifMeasured(processingRate, ({ max }) => max),
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
