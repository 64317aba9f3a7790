// An entry under `engines:`. Every key is optional here, because an entry with a built-in engine's name changes single keys.
// engine-checks.ts checks the keys that a new engine needs.
import type { FromSchema } from 'json-schema-to-ts';
import { BACKPRESSURE_REPORTERS, PRESENCE_SENSORS, type SensorName } from '../model/measurement.js';
import { policySchema } from './policy-schema.js';
import { durationType, labelNameSchema, optionalDurationType } from '../grammar/schema-types.js';

const expressionSchema = {
  type: ['string', 'null'],
  minLength: 1,
  allowed: 'a PromQL expression',
} as const;

const alternativesSchema = {
  type: ['string', 'array', 'null'],
  minLength: 1,
  minItems: 1,
  items: { type: 'string', minLength: 1, allowed: 'a PromQL expression' },
  allowed: 'a PromQL expression or a list of them',
} as const;

const labelsSchema = { type: 'array', items: labelNameSchema, default: [] } as const;

export const engineSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'How the series of a stream-processing engine are labelled, and one PromQL expression for each sensor.',
  properties: {
    labels: {
      type: 'object',
      additionalProperties: false,
      description: "The series' labels.",
      properties: {
        topology: { ...labelNameSchema, description: 'Label that names the topology.' },
        operator: { ...labelNameSchema, description: 'Label that names the operator.' },
        operator_instance: { ...labelNameSchema, description: 'Label that names the operator instance.' },
      },
    },
    identity: {
      type: 'object',
      additionalProperties: false,
      description:
        'Labels of which there is one value at a time; where there are more, nothing is known until one is left. None by default.',
      properties: {
        topology: { ...labelsSchema, description: 'Of a topology. Two jobs of one name are told apart by it.' },
        operator: { ...labelsSchema, description: 'Of an operator. Two vertices of one name are told apart by it.' },
        attempt: {
          ...labelsSchema,
          description:
            'Of an instance from one start to the next. Fewer instances are believed where those that are left have restarted.',
        },
      },
    },
    matchers: {
      type: 'string',
      default: '',
      description: 'Label matchers for `$matchers` in every expression of this engine, such as `cluster="prod"`.',
    },
    resolution: {
      ...optionalDurationType,
      duration: { minimum: '100ms' },
      default: null,
      defaultText: 'window / 20, within 1s..1m',
      description: 'Step of the sub-queries; at most a third of the window.',
    },
    series_ttl: {
      ...durationType,
      duration: { maximum: '1d' },
      default: '0s',
      description: "How long a vanished instance's series live on.",
    },
    backpressure_reported_by: {
      enum: BACKPRESSURE_REPORTERS,
      description:
        'Whether `backpressure` is reported by the operator that is held up (`victim`) or by the one that holds up (`culprit`).',
    },
    contiguous_instances: {
      type: 'boolean',
      default: false,
      description: 'Whether instances are numbered 0..p−1, so that a missing number is missing data.',
    },
    sources: {
      ...expressionSchema,
      default: null,
      description: 'PromQL; the operators of its series are sources. For operators that are not listed.',
    },
    policy: { ...policySchema, description: "The engine's own policy defaults.", default: {} },
    sensors: {
      type: 'object',
      additionalProperties: false,
      description:
        'Instantaneous PromQL, one sample for each operator instance; `$matchers` is filled in; null removes a built-in one. Of a list of expressions the first that is above 0 counts for an instance, else the first that has a value.',
      properties: {
        backpressure: { ...alternativesSchema, description: 'Ratio of time held up or holding up, 0..1.' },
        pending_packets: { ...alternativesSchema, description: 'Packets waiting in front of the instance.' },
        processing_rate: { ...alternativesSchema, description: 'Records/s; of sources: records out.' },
        busy: { ...alternativesSchema, description: 'Optional. Ratio of time spent working, 0..1.' },
        idle: {
          ...alternativesSchema,
          description:
            'Optional. Ratio of time with nothing to do, 0..1; no more packets are pending than its minimum allows.',
        },
        source_backlog: { ...alternativesSchema, description: 'Optional. Records waiting outside a source.' },
        source_partitions: {
          ...alternativesSchema,
          description:
            'Optional. How many partitions an instance of a source reads; more instances than that are never asked for.',
        },
        topology_suspended: {
          ...alternativesSchema,
          description: 'Optional, culprit engines. Ratio of time in which the sources were suspended, 0..1.',
        },
        parallelism: {
          ...alternativesSchema,
          description: 'Optional. The parallelism; by default the instances present now are counted.',
        },
      } satisfies Record<SensorName, unknown>,
    },
  },
} as const;

/** An engine as written under `engines:`. */
export type EngineEntry = FromSchema<typeof engineSchema, { keepDefaultedPropertiesOptional: true }>;

type Whole<Key extends keyof EngineEntry> = Required<NonNullable<EngineEntry[Key]>>;

/** The same with every key given, as the built-in engines have it. */
export type WholeEngineEntry = Required<Omit<EngineEntry, 'labels' | 'identity' | 'sensors'>> & {
  readonly labels: Whole<'labels'>;
  readonly identity: Whole<'identity'>;
  readonly sensors: Readonly<Partial<Record<SensorName, string | string[]>>>;
};

/** Keys that every merged engine must have. */
export const REQUIRED_LABELS = ['topology', 'operator', 'operator_instance'] as const;
export const REQUIRED_SENSORS = PRESENCE_SENSORS;
