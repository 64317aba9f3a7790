// The JSON a scaling webhook receives: an action in words that other programs keep. It knows the contract's names and order;
// templates, headers and sending are left to the other files of this folder.
import type { Action, ActionOperator } from '../model/action.js';
import type { DiagnosisName } from '../model/diagnosis.js';
import type { ActionKind } from '../model/resolver.js';

/**
 * Version 2. Names are those of the wire; a desired state, never a delta. What version 1 had is as it was there, and is that of
 * the first operator: who is sent plans of one needs to know no more.
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
  /** All of them, the first included. */
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

/** What a body is made of: an action that may not have been rendered yet, and its operators' engine labels. */
export type WebhookFacts = Pick<Action, 'id' | 'topology' | 'resolver' | 'reverts' | 'claimedAtMs' | 'expiresAtMs'> & {
  readonly operators: readonly [LabelledOperator, ...LabelledOperator[]];
};

export interface LabelledOperator extends ActionOperator {
  /** Labels that are the same on all of the operator's current series. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The body of one action; `timestamp` is the time of its claim, so that the same action always has the same body. */
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
