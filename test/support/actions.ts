// An action for tables, and changes of it: fields of an operator apply to the first one.
import {
  NOT_SETTLED,
  UNKNOWN_OPERATOR_REASON,
  type Action,
  type ActionOperator,
  type ActionReason,
  type OperatorReason,
} from '../../src/model/action.js';

/** Fields of an operator change the first one. */
export type ActionChanges = Partial<Omit<Action, 'reason'>> &
  Partial<Omit<ActionOperator, 'reason'>> & { readonly reason?: Partial<ActionReason & OperatorReason> };

const NOTHING_KNOWN: OperatorReason = { ...UNKNOWN_OPERATOR_REASON, fullBusy: 1 };

const OPERATOR: ActionOperator = {
  operator: 'split',
  diagnosis: 'underprovisioning',
  currentParallelism: 2,
  desiredParallelism: 4,
  operatorInstances: [],
  reason: {
    suspendedRatio: 0.5,
    pendingPackets: 90,
    processingRate: 100,
    busiestRate: null,
    offeredRatio: null,
    expectedBusy: null,
    neededInstances: null,
    effectiveBusy: null,
    fullBusy: null,
  },
};

const ACTION: Action = {
  id: '00000000-0000-4000-8000-000000000001',
  topology: 'wordcount',
  resolver: 'scale_up',
  operators: [OPERATOR],
  state: 'claimed',
  outcome: null,
  blamed: null,
  reverts: null,
  revertedBy: null,
  reason: { sourceBacklog: null, offeredRate: null, servedRate: null, missingSensors: [] },
  dryRun: false,
  claimedAtMs: 0,
  expiresAtMs: 300_000,
  completedAtMs: null,
  judgedAtMs: null,
  attempts: 0,
  failure: null,
  refusal: null,
  webhook: 'scaler',
  request: { url: 'http://127.0.0.1:9/scale', method: 'POST', contentType: 'application/json', body: '{}' },
  settling: NOT_SETTLED,
};

export function actionWith(changes: ActionChanges = {}): Action {
  return changedAction(ACTION, changes);
}

/** A reason whose other fields are unknown. */
export function reasonWith(known: Partial<OperatorReason>): OperatorReason {
  return { ...NOTHING_KNOWN, ...known };
}

export function operatorWith(changes: Partial<ActionOperator> = {}): ActionOperator {
  return { ...OPERATOR, ...changes };
}

export function changedAction(action: Action, changes: ActionChanges): Action {
  const { operators = action.operators, reason = {}, operator, diagnosis, ...others } = changes;
  const { currentParallelism, desiredParallelism, operatorInstances, ...ofAction } = others;
  const [first, ...further] = operators;
  const { sourceBacklog, offeredRate, servedRate, missingSensors, ...ofFirst } = reason;
  const known = <Fields extends object>(fields: Fields) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;
  const changed: ActionOperator = {
    ...first,
    ...known({ operator, diagnosis, currentParallelism, desiredParallelism, operatorInstances }),
    reason: { ...first.reason, ...ofFirst },
  };
  return {
    ...action,
    ...ofAction,
    operators: [changed, ...further],
    reason: { ...action.reason, ...known({ sourceBacklog, offeredRate, servedRate, missingSensors }) },
  };
}
