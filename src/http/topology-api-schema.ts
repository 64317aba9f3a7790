// JSON Schema of a topology in the API: its latest evaluation, with every sensor's measurement.
import { JUDGING_PHASES } from '../model/judging.js';
import { OPERATOR_ROLES, SENSORS } from '../model/measurement.js';
import { MODES } from '../model/policy-settings.js';
import { RESOLVERS } from '../model/resolver.js';
import {
  actionSchema,
  decisionSchema,
  diagnoses,
  number,
  optionalCount,
  optionalNumber,
  optionalTime,
  suspendedRatio,
  symptomsSchema,
  text,
  truth,
} from './api-schemas.js';

const meanAndMax = { mean: number, max: number } as const;
export const measurementsSchema = {
  type: 'object',
  description: 'Measurements by sensor; null: missing; no key: the sensor does not apply.',
  properties: {
    backpressure: { type: ['object', 'null'], required: ['mean', 'max'], properties: meanAndMax },
    pending_packets: {
      type: ['object', 'null'],
      required: ['mean', 'max', 'slope_per_second'],
      properties: { ...meanAndMax, slope_per_second: optionalNumber },
    },
    processing_rate: {
      type: ['object', 'null'],
      required: ['mean', 'max', 'min', 'total'],
      properties: { ...meanAndMax, min: number, total: number },
    },
    busy: { type: ['object', 'null'], required: ['mean', 'max'], properties: meanAndMax },
    source_backlog: {
      type: ['object', 'null'],
      required: ['total', 'slope_per_second'],
      properties: { total: number, slope_per_second: optionalNumber },
    },
  },
} as const;

export const operatorSchema = {
  type: 'object',
  description: 'An operator (Heron: component; Flink: task) at the last evaluation.',
  required: [
    'operator',
    'role',
    'inputs',
    'min_parallelism',
    'max_parallelism',
    'input_shares',
    'parallelism',
    'recommended_parallelism',
    'suspended_ratio',
    'held_up_by',
    'offered_ratio',
    'effective_busy',
    'expected_busy',
    'needed_instances',
    'left_alone_because',
    'symptoms',
    'diagnoses',
    'measurements',
    'outliers',
    'missing_sensors',
    'incomplete_because',
  ],
  properties: {
    operator: text,
    role: { enum: OPERATOR_ROLES },
    inputs: { type: ['array', 'null'], items: text, description: 'The operators that feed it; null: unknown.' },
    min_parallelism: { type: 'integer', minimum: 0 },
    max_parallelism: { ...optionalCount, description: 'null: unbounded.' },
    input_shares: {
      ...optionalCount,
      description:
        'In how many parts its input comes, each of which one instance has: key groups, or partitions of a source. Sizes are aligned to it. null: none, or unknown.',
    },
    parallelism: { ...optionalCount, description: 'null: unknown.' },
    recommended_parallelism: {
      ...optionalCount,
      description:
        'The parallelism that the diagnoses call for, without blacklist and cooldown. After an action: its desired parallelism, until a full window shows the effect. null: unknown.',
    },
    suspended_ratio: suspendedRatio,
    held_up_by: {
      type: 'array',
      items: text,
      description: 'The culprits that hold this operator up; empty: none is known.',
    },
    offered_ratio: {
      ...optionalNumber,
      description: 'Offered over served load at the operator, without catching up; null: unknown.',
    },
    effective_busy: {
      ...optionalNumber,
      description: 'Busy ratio of its busiest instance, relative to the highest possible one; null: unknown.',
    },
    expected_busy: {
      ...optionalNumber,
      description:
        'Expected busy ratio of its busiest instance with the recommended parallelism, under the offered load; null: unknown.',
    },
    needed_instances: {
      ...optionalNumber,
      description: "The offered load in instances' worth of work; null: unknown, or the window contains a restart.",
    },
    left_alone_because: {
      type: ['string', 'null'],
      description: 'Why another parallelism is not recommended yet; null: nothing is pending.',
    },
    symptoms: symptomsSchema,
    diagnoses,
    measurements: measurementsSchema,
    outliers: {
      type: 'array',
      description: 'Instances whose pending packets stand out; at most 10.',
      items: {
        type: 'object',
        required: ['operator_instance', 'pending_packets', 'processing_rate', 'busy'],
        properties: {
          operator_instance: text,
          pending_packets: number,
          processing_rate: optionalNumber,
          busy: optionalNumber,
        },
      },
    },
    missing_sensors: { type: 'array', items: { enum: SENSORS } },
    incomplete_because: {
      type: ['string', 'null'],
      description: 'Why the instances seen cannot be all of them; null: they can.',
    },
  },
} as const;

const judgingSchema = {
  type: ['object', 'null'],
  description: 'Progress of judging the open action; null: no open action.',
  required: ['phase', 'earliest_at', 'waits_until'],
  properties: {
    phase: {
      enum: JUDGING_PHASES,
      description:
        'calling: the call is in flight or due; awaiting_effect: the new parallelism, or a sensor, is not seen yet; awaiting_backlog: a source works off its backlog; observing: a full window is being observed.',
    },
    earliest_at: {
      ...optionalTime,
      description: 'Earliest time of its judgement; null until its call is answered.',
    },
    waits_until: {
      type: 'string',
      format: 'date-time',
      description: 'calling: end of retries; otherwise: the latest time of its judgement.',
    },
  },
} as const;

export const topologySchema = {
  type: 'object',
  description: 'A topology at its last evaluation, and the decisions about it.',
  required: [
    'topology',
    'engine',
    'mode',
    'resolvers',
    'evaluated_at',
    'backpressure',
    'draining',
    'demand',
    'offered_rate',
    'flow_limit',
    'open_action',
    'judging',
    'last_decisions',
    'operators',
  ],
  properties: {
    topology: text,
    engine: text,
    mode: { enum: MODES },
    resolvers: {
      type: 'array',
      items: { enum: RESOLVERS },
      description: 'Resolvers with a webhook; empty: Dhalion only recommends.',
    },
    evaluated_at: { ...optionalTime, description: 'End of the window; null: not evaluated yet.' },
    backpressure: { ...truth, description: 'True if an operator reports backpressure.' },
    draining: { ...truth, description: 'True if a source works off its backlog fast enough.' },
    demand: { anyOf: [number, { const: 'unbounded' }, { type: 'null' }], description: 'Offered over served load.' },
    offered_rate: { ...optionalNumber, description: 'Records/s; null: unknown, or unbounded.' },
    flow_limit: {
      anyOf: [
        {
          type: 'object',
          required: ['operator', 'ratio'],
          properties: {
            operator: text,
            ratio: { ...number, description: 'Its greatest possible throughput over the load served now.' },
          },
        },
        { type: 'null' },
      ],
      description: 'The operator with the lowest throughput bound: nothing is sized for more; null: no bound.',
    },
    open_action: { anyOf: [actionSchema, { type: 'null' }], description: 'The action that is not judged yet.' },
    judging: judgingSchema,
    last_decisions: {
      type: 'array',
      items: decisionSchema,
      description: 'The newest decision on each diagnosis of each operator.',
    },
    operators: { type: 'array', items: operatorSchema },
  },
} as const;
