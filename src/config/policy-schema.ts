// The policy keys: one object schema used at four places (top level, engine, topology, and as the source of the defaults).
// The next layer fills in what one leaves out (policy-merge.ts), so Ajv must not fill in defaults here.
import type { FromSchema } from 'json-schema-to-ts';
import { MODES, PLANS } from '../model/policy-settings.js';
import { excludedPeriodSchema } from './excluded-period-schema.js';
import { durationType, optionalDurationType } from '../grammar/schema-types.js';

export const policySchema = {
  type: 'object',
  additionalProperties: false,
  description: 'Policy settings.',
  properties: {
    mode: {
      enum: MODES,
      default: 'enforce',
      description:
        '`enforce`: act. `dry_run`: everything but the call, the cooldown included. `observe`: every alert is held; the default where no webhook is named.',
    },
    plan: {
      enum: PLANS,
      default: 'topology',
      description:
        '`topology`: one action changes every operator that needs it. `operator`: one operator an action, for scalers that change one at a time; the sizes are the same.',
    },
    min_parallelism: {
      type: 'integer',
      minimum: 1,
      default: 1,
      description: 'Smallest parallelism ever asked for; for operators that give none.',
    },
    max_parallelism: {
      type: ['integer', 'null'],
      minimum: 1,
      default: null,
      description:
        'Largest parallelism ever asked for; for operators that give none. Needed wherever `enforce` may scale up.',
    },
    cooldown: {
      ...durationType,
      duration: { maximum: '7d' },
      default: '0s',
      description: 'Pause after an action on the topology is judged; settling already waits.',
    },
    settling_time: {
      ...optionalDurationType,
      duration: { maximum: '7d' },
      default: null,
      defaultText: 'window + 30s',
      description:
        "How long an action may take to show, after what the engine says it waits for. Raised to the engine's `series_ttl` + window where that is more.",
    },
    max_actions_per_hour: {
      type: 'integer',
      minimum: 1,
      default: 12,
      description: 'Per topology; counts scale-downs, restarts and rebalances. More capacity is never refused.',
    },
    retry_refused_after: {
      ...durationType,
      duration: { maximum: '7d' },
      default: '30m',
      description:
        'How long a call that was refused for good is not made again, unless what it asks for or its webhook changes.',
    },
    escalate_for: {
      ...durationType,
      duration: {},
      default: '2h',
      description: 'How long after an ineffective restart or rebalance the same diagnosis is answered by a scale up.',
    },
    max_alert_age: {
      ...durationType,
      duration: { minimum: '1s' },
      default: '15m',
      description: 'An alert received longer ago than this is stale.',
    },
    min_improvement: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: 0.1,
      description: 'Relative fall of b / (1 − b), b the suspended ratio, or rise of the rate, that counts as improved.',
    },
    blacklist_failure_ratio: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
      default: 0.5,
      description: 'Share of ineffective outcomes from which a diagnosis–resolver pair of an operator is blacklisted.',
    },
    blacklist_min_attempts: {
      type: 'integer',
      minimum: 1,
      default: 3,
      description: 'Judged outcomes needed before that share counts.',
    },
    blacklist_ttl: {
      ...durationType,
      duration: {},
      default: '24h',
      description: 'How far back outcomes count and how long an entry stays; `0s`: until removed by hand.',
    },
    blacklist_load_margin: {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.2,
      description: 'How much the load must differ from what it was for an entry to be suspended.',
    },
    backpressure_threshold: {
      type: 'number',
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      default: 0.05,
      description: 'Suspended ratio above which an operator is a culprit; for culprit engines also per instance.',
    },
    near_zero_pending_packets: {
      type: 'number',
      minimum: 0,
      default: 1,
      description: 'Pending packets are near zero if no instance has more than this.',
    },
    pending_packets_skew_ratio: {
      type: 'number',
      exclusiveMinimum: 1,
      default: 4,
      description: 'Pending packets are skewed if the largest is at least this many times the mean of the others.',
    },
    min_pending_packets_for_skew: {
      type: 'number',
      minimum: 0,
      default: 50,
      description: 'And only if the largest is above this.',
    },
    processing_rate_skew_ratio: {
      type: 'number',
      exclusiveMinimum: 1,
      default: 1.5,
      description: 'Processing rates are skewed if the largest is more than this many times the smallest.',
    },
    growing_pending_packets_per_second: {
      type: 'number',
      minimum: 0,
      default: 10,
      description: "Pending packets grow if the slope of the operator's sum is above this, packets/s.",
    },
    growing_backlog_share: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: 0.01,
      description: "A source's backlog grows if its slope is above this share of the source's rate (and above 10/s).",
    },
    min_backlog: {
      ...durationType,
      duration: {},
      default: '30s',
      description: 'Backlogs that take no longer than this to read at the present rate are ignored.',
    },
    catch_up: {
      ...durationType,
      duration: { minimum: '1s', maximum: '7d' },
      default: '30m',
      description: 'In what time a backlog should be worked off; one that will be gone by then is draining.',
    },
    idle_scale_down: {
      type: 'boolean',
      default: false,
      description: 'Whether what processes nothing at all is scaled down too.',
    },
    target_busy: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
      default: 0.85,
      description: 'How busy the busiest instance is to be under the offered load; where busy ratios are known.',
    },
    max_scale_up_factor: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 4,
      description:
        'A scale up adds at most this many times the present parallelism where only backpressure tells how much more is offered.',
    },
    scale_down_factor: {
      type: 'number',
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      default: 0.2,
      description:
        'Share of the parallelism that a scale down takes away where busy ratios are not known, or after one that did harm.',
    },
    max_scale_down_factor: {
      type: 'number',
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      default: 0.6,
      description: 'A scale down takes away at most this share of the parallelism.',
    },
    scale_down_memory: {
      ...durationType,
      duration: { minimum: '1s', maximum: '7d' },
      default: '1h',
      description:
        'A scale down leaves what was needed at the peak of this time. Doubled with each scale up that follows a scale down within an hour.',
    },
    scale_down_memory_max: {
      ...durationType,
      duration: { minimum: '1s', maximum: '7d' },
      default: '4h',
      description: 'The longest that this memory becomes.',
    },
    min_saving: {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.15,
      description:
        "A scale down is only worth an action if it saves this share of the topology's instances. Where the engine tells no busy ratio, each step has to save this share of its own operators, and `max_scale_down_factor` of these operators has to be this share of the topology.",
    },
    excluded_periods: {
      type: 'array',
      items: excludedPeriodSchema,
      default: [],
      description:
        "Times in which alerts are held: recommended, not acted on. In Alertmanager's `time_intervals` syntax; a topology's own list replaces the others.",
    },
  },
} as const;

/** One layer of policy as written: any key may be missing. */
export type PolicyLayer = FromSchema<typeof policySchema, { keepDefaultedPropertiesOptional: true }>;
