// JSON Schema of a topology as the API tells it: its latest evaluation down to what each sensor measured.
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
  description: 'By sensor: what was measured; null where it is missing; no key where the sensor does not apply.',
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
  description: 'An operator (Heron: component; Flink: task) as it was last evaluated.',
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
    inputs: { type: ['array', 'null'], items: text, description: 'The operators that feed it; null: not known.' },
    min_parallelism: { type: 'integer', minimum: 0 },
    max_parallelism: { ...optionalCount, description: 'null: unbounded.' },
    input_shares: {
      ...optionalCount,
      description:
        'In how many parts its input comes, each of which one instance has: key groups, or partitions of a source. Sizes are aligned to it. null: none, or not known.',
    },
    parallelism: { ...optionalCount, description: 'null: not known.' },
    recommended_parallelism: {
      ...optionalCount,
      description:
        'What the diagnoses call for, blacklist and cooldown aside; what an action has asked for until a full window has seen its effect; null: not known.',
    },
    suspended_ratio: suspendedRatio,
    held_up_by: {
      type: 'array',
      items: text,
      description: 'The culprits that hold this operator up; empty: none is known.',
    },
    offered_ratio: {
      ...optionalNumber,
      description: 'Offered over served load at the operator, without catching up; null: not known.',
    },
    effective_busy: {
      ...optionalNumber,
      description: 'How busy its busiest instance is, of how busy it can be; null: not known.',
    },
    expected_busy: {
      ...optionalNumber,
      description:
        'How busy its busiest instance is to be with what is recommended, under the offered load; null: not known.',
    },
    needed_instances: {
      ...optionalNumber,
      description: "Instances' worth of work that the offered load is; null: not known, or the window holds a restart.",
    },
    left_alone_because: {
      type: ['string', 'null'],
      description: 'Why it is left as it is although something else might be asked for; null: nothing is waited for.',
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
      description: 'Why the instances seen cannot be all of them; null if they can.',
    },
  },
} as const;

const judgingSchema = {
  type: ['object', 'null'],
  description: 'How far the judging of the open action has come; null: there is none.',
  required: ['phase', 'earliest_at', 'waits_until'],
  properties: {
    phase: {
      enum: JUDGING_PHASES,
      description:
        'calling: its call is under way or due; awaiting_effect: the new parallelism, or all sensors, are not seen yet; awaiting_backlog: a source works off what piled up; observing: a full window is being looked at.',
    },
    earliest_at: {
      ...optionalTime,
      description: 'When it can be judged, if all goes well; null while its call is not answered.',
    },
    waits_until: {
      type: 'string',
      format: 'date-time',
      description: 'calling: the call is not repeated after it; else: it is judged by what is seen then.',
    },
  },
} as const;

export const topologySchema = {
  type: 'object',
  description: 'A topology as it was last evaluated, and why something or nothing is done about it.',
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
      description: 'Those with a webhook; none: Dhalion only recommends.',
    },
    evaluated_at: { ...optionalTime, description: 'End of the window; null: not evaluated yet.' },
    backpressure: { ...truth, description: 'Whether anything in it reports backpressure.' },
    draining: { ...truth, description: 'Whether a source works off its backlog fast enough.' },
    demand: { anyOf: [number, { const: 'unbounded' }, { type: 'null' }], description: 'Offered over served load.' },
    offered_rate: { ...optionalNumber, description: 'Records/s; null: not known, or unbounded.' },
    flow_limit: {
      anyOf: [
        {
          type: 'object',
          required: ['operator', 'ratio'],
          properties: {
            operator: text,
            ratio: { ...number, description: 'The most that it can let through, over the load that is served now.' },
          },
        },
        { type: 'null' },
      ],
      description: 'The operator whose bound lets the least through: nothing is sized for more; null: none does.',
    },
    open_action: { anyOf: [actionSchema, { type: 'null' }], description: 'The one that is not judged yet.' },
    judging: judgingSchema,
    last_decisions: {
      type: 'array',
      items: decisionSchema,
      description: 'The newest on each diagnosis of each operator.',
    },
    operators: { type: 'array', items: operatorSchema },
  },
} as const;
