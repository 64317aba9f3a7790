// JSON Schema of the body for scaling webhooks, for receivers and for OpenAPI. Open: receivers must accept new fields.
import { DIAGNOSES } from '../model/diagnosis.js';
import { ACTION_KINDS } from '../model/resolver.js';

const diagnosis = { enum: DIAGNOSES, description: 'The diagnosis behind the action.' } as const;
const operator = { type: 'string', description: 'Name of the operator (Heron: component; Flink: task).' } as const;
const currentParallelism = {
  type: 'integer',
  minimum: 1,
  description: 'The parallelism at the time of the decision.',
} as const;
const desiredParallelism = {
  type: 'integer',
  minimum: 1,
  description: 'The desired parallelism; equal to the current one for restart_instances and rebalance.',
} as const;
const operatorInstances = {
  type: 'array',
  items: { type: 'string' },
  description: 'The outlying operator instances, for restart_instances and rebalance; else empty.',
} as const;
const labels = {
  type: 'object',
  additionalProperties: { type: 'string' },
  description: 'Engine labels that all series of the operator share, such as job_id and task_id.',
} as const;
const suspendedRatio = {
  type: ['number', 'null'],
  description: 'Share of the window in which the operator suspended its input; null: not known.',
} as const;
const pendingPackets = { type: ['number', 'null'], description: 'Mean per instance; null: not known.' } as const;
const processingRate = {
  type: ['number', 'null'],
  description: 'Records/s of the operator; null: not known.',
} as const;

const operatorSchema = {
  type: 'object',
  required: [
    'operator',
    'diagnosis',
    'current_parallelism',
    'desired_parallelism',
    'operator_instances',
    'labels',
    'reason',
  ],
  properties: {
    operator,
    diagnosis,
    current_parallelism: currentParallelism,
    desired_parallelism: desiredParallelism,
    operator_instances: operatorInstances,
    labels,
    reason: {
      type: 'object',
      required: [
        'suspended_ratio',
        'offered_ratio',
        'expected_busy',
        'needed_instances',
        'pending_packets',
        'processing_rate',
      ],
      properties: {
        suspended_ratio: suspendedRatio,
        offered_ratio: {
          type: ['number', 'null'],
          description: 'Offered over served load at the operator; null: not known.',
        },
        expected_busy: {
          type: ['number', 'null'],
          description:
            'Expected busy ratio of its busiest instance with the desired parallelism, under the offered load; null: not known.',
        },
        needed_instances: {
          type: ['number', 'null'],
          description: "The offered load in instances' worth of work; null: not known.",
        },
        pending_packets: pendingPackets,
        processing_rate: processingRate,
      },
    },
  },
} as const;

export const WEBHOOK_BODY_SCHEMA = {
  title: 'DhalionAction',
  description:
    'The desired state for a scaling webhook: all operators in `operators`, in one step. Applying it twice has the same result as once. With `plan: operator`, `operators` has one entry, and the top-level fields describe the same operator.',
  type: 'object',
  required: [
    'version',
    'id',
    'type',
    'timestamp',
    'expires_at',
    'topology',
    'resolver',
    'diagnosis',
    'reverts',
    'operator',
    'current_parallelism',
    'desired_parallelism',
    'operator_instances',
    'labels',
    'reason',
    'operators',
  ],
  properties: {
    version: { const: '2', description: 'Version of this format.' },
    id: { type: 'string', format: 'uuid', description: 'The action; the same in every repetition of the call.' },
    type: { enum: ACTION_KINDS.map((kind) => `dhalion.${kind}`), description: 'The resolver, as an event type.' },
    timestamp: { type: 'string', format: 'date-time', description: 'When the action was decided.' },
    expires_at: { type: 'string', format: 'date-time', description: 'After this the action must not be applied.' },
    topology: { type: 'string', description: 'Name of the topology.' },
    resolver: { enum: ACTION_KINDS, description: 'The kind of change; `revert` undoes a harmful action.' },
    diagnosis,
    reverts: {
      type: ['string', 'null'],
      format: 'uuid',
      description: 'The action that this one undoes; null if it undoes none.',
    },
    operator: {
      ...operator,
      description:
        'Name of the most urgent operator; this and the following fields, except for `operators`, are of version 1.',
    },
    current_parallelism: currentParallelism,
    desired_parallelism: desiredParallelism,
    operator_instances: operatorInstances,
    labels,
    reason: {
      type: 'object',
      required: ['suspended_ratio', 'pending_packets', 'processing_rate'],
      properties: {
        suspended_ratio: suspendedRatio,
        pending_packets: pendingPackets,
        processing_rate: processingRate,
      },
    },
    operators: {
      type: 'array',
      minItems: 1,
      items: operatorSchema,
      description: 'All operators to change, in one step; the most urgent one first.',
    },
  },
} as const;
