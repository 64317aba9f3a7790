// The JSON document for a scaling webhook: an action with the field names of the public contract, in their order.
// The other files of this folder do templates, headers and sending.
import type { Action, ActionOperator } from '../model/action.js';
import type { DiagnosisName } from '../model/diagnosis.js';
import type { ActionKind } from '../model/resolver.js';

/**
 * Version 2, with the field names of the JSON; a desired state, never a delta. The fields of version 1 are unchanged and describe the
 * first operator: a receiver of plans for one operator needs no others.
 */
export interface WebhookBody {
  readonly version: '2';
  /** The action's id, the same in every repetition of the call. */
  readonly id: string;
  readonly type: `dhalion.${ActionKind}`;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly expires_at: string;
  readonly topology: string;
  readonly resolver: ActionKind;
  readonly diagnosis: DiagnosisName;
  readonly reverts: string | null;
  readonly operator: string;
  readonly current_parallelism: number;
  readonly desired_parallelism: number;
  readonly operator_instances: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly reason: Pick<WebhookReason, 'suspended_ratio' | 'pending_packets' | 'processing_rate'>;
  /** All operators, including the first. */
  readonly operators: readonly WebhookOperator[];
}

export interface WebhookOperator {
  readonly operator: string;
  readonly diagnosis: DiagnosisName;
  readonly current_parallelism: number;
  readonly desired_parallelism: number;
  readonly operator_instances: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly reason: WebhookReason;
}

export interface WebhookReason {
  readonly suspended_ratio: number | null;
  readonly offered_ratio: number | null;
  readonly expected_busy: number | null;
  readonly needed_instances: number | null;
  readonly pending_packets: number | null;
  readonly processing_rate: number | null;
}

/** The input of a body: an action, possibly not rendered yet, and its operators' engine labels. */
export type WebhookFacts = Pick<Action, 'id' | 'topology' | 'resolver' | 'reverts' | 'claimedAtMs' | 'expiresAtMs'> & {
  readonly operators: readonly [LabelledOperator, ...LabelledOperator[]];
};

export interface LabelledOperator extends ActionOperator {
  /** Labels that all current series of the operator share. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The body of one action. `timestamp` is the time of its claim: the same action always has the same body. */
export function webhookBodyOf(facts: WebhookFacts): WebhookBody {
  const [first] = facts.operators;
  return {
    version: '2',
    id: facts.id,
    type: `dhalion.${facts.resolver}`,
    timestamp: new Date(facts.claimedAtMs).toISOString(),
    expires_at: new Date(facts.expiresAtMs).toISOString(),
    topology: facts.topology,
    resolver: facts.resolver,
    diagnosis: first.diagnosis,
    reverts: facts.reverts,
    operator: first.operator,
    current_parallelism: first.currentParallelism,
    desired_parallelism: first.desiredParallelism,
    operator_instances: first.operatorInstances,
    labels: first.labels,
    reason: {
      suspended_ratio: first.reason.suspendedRatio,
      pending_packets: first.reason.pendingPackets,
      processing_rate: first.reason.processingRate,
    },
    operators: facts.operators.map(operatorOf),
  };
}

function operatorOf({ labels, reason, ...asked }: LabelledOperator): WebhookOperator {
  return {
    operator: asked.operator,
    diagnosis: asked.diagnosis,
    current_parallelism: asked.currentParallelism,
    desired_parallelism: asked.desiredParallelism,
    operator_instances: asked.operatorInstances,
    labels,
    reason: {
      suspended_ratio: reason.suspendedRatio,
      offered_ratio: reason.offeredRatio,
      expected_busy: reason.expectedBusy,
      needed_instances: reason.neededInstances,
      pending_packets: reason.pendingPackets,
      processing_rate: reason.processingRate,
    },
  };
}
