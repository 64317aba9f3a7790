// The JSON a scaling webhook receives: an action in words that other programs keep. It knows the contract's names and order;
// templates, headers and sending are left to the other files of this folder.
import type { Action, ActionOperator } from '../model/action.js';
import { DIAGNOSES, type DiagnosisName } from '../model/diagnosis.js';
import { ACTION_KINDS, type ActionKind } from '../model/resolver.js';

/** Version 1. Names are those of the wire; a desired state, never a delta. */
export interface WebhookBody {
  readonly version: '1';
  /** The action's id, the same in every repetition of the call. */
  readonly id: string;
  readonly type: `dhalion.${ActionKind}`;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly expires_at: string;
  readonly topology: string;
  readonly operator: string;
  readonly resolver: ActionKind;
  readonly diagnosis: DiagnosisName;
  readonly current_parallelism: number;
  readonly desired_parallelism: number;
  readonly operator_instances: readonly string[];
  readonly reverts: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly reason: {
    readonly suspended_ratio: number | null;
    readonly pending_packets: number | null;
    readonly processing_rate: number | null;
  };
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
    version: '1',
    id: facts.id,
    type: `dhalion.${facts.resolver}`,
    timestamp: new Date(facts.claimedAtMs).toISOString(),
    expires_at: new Date(facts.expiresAtMs).toISOString(),
    topology: facts.topology,
    operator: first.operator,
    resolver: facts.resolver,
    diagnosis: first.diagnosis,
    current_parallelism: first.currentParallelism,
    desired_parallelism: first.desiredParallelism,
    operator_instances: first.operatorInstances,
    reverts: facts.reverts,
    labels: first.labels,
    reason: {
      suspended_ratio: first.reason.suspendedRatio,
      pending_packets: first.reason.pendingPackets,
      processing_rate: first.reason.processingRate,
    },
  };
}

/** JSON Schema of the body, for receivers and for OpenAPI. Open: a receiver must accept fields that are added to version 1. */
export const WEBHOOK_BODY_SCHEMA = {
  title: 'DhalionAction',
  description: 'What a scaling webhook is asked to bring about. Applying it twice is the same as applying it once.',
  type: 'object',
  required: [
    'version',
    'id',
    'type',
    'timestamp',
    'expires_at',
    'topology',
    'operator',
    'resolver',
    'diagnosis',
    'current_parallelism',
    'desired_parallelism',
    'operator_instances',
    'reverts',
    'labels',
    'reason',
  ],
  properties: {
    version: { const: '1', description: 'Version of this format.' },
    id: { type: 'string', format: 'uuid', description: 'The action; the same in every repetition of the call.' },
    type: { enum: ACTION_KINDS.map((kind) => `dhalion.${kind}`), description: 'The resolver, as an event type.' },
    timestamp: { type: 'string', format: 'date-time', description: 'When the action was decided.' },
    expires_at: { type: 'string', format: 'date-time', description: 'After this the action must not be applied.' },
    topology: { type: 'string', description: 'Name of the topology.' },
    operator: { type: 'string', description: 'Name of the operator (Heron: component; Flink: task).' },
    resolver: { enum: ACTION_KINDS, description: 'What is to be done; `revert` undoes an action that did harm.' },
    diagnosis: { enum: DIAGNOSES, description: 'What was found wrong.' },
    current_parallelism: { type: 'integer', minimum: 1, description: 'The parallelism the decision was based on.' },
    desired_parallelism: {
      type: 'integer',
      minimum: 1,
      description: 'The parallelism to bring about; equal to the current one for restart_instances and rebalance.',
    },
    operator_instances: {
      type: 'array',
      items: { type: 'string' },
      description: 'The outlying operator instances, for restart_instances and rebalance; else empty.',
    },
    reverts: {
      type: ['string', 'null'],
      format: 'uuid',
      description: 'The action that this one undoes; null if it undoes none.',
    },
    labels: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: "Engine labels that are the same on all of the operator's series, such as job_id and task_id.",
    },
    reason: {
      type: 'object',
      required: ['suspended_ratio', 'pending_packets', 'processing_rate'],
      properties: {
        suspended_ratio: {
          type: ['number', 'null'],
          description: 'Share of the window in which input was suspended because of the operator; null: not known.',
        },
        pending_packets: { type: ['number', 'null'], description: 'Mean per instance; null: not known.' },
        processing_rate: { type: ['number', 'null'], description: 'Records/s of the operator; null: not known.' },
      },
    },
  },
} as const;
