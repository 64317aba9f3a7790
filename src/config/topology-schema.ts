// An entry under `topologies:` and its operators. topology-checks.ts requires exactly one of `name` and `discover`.
import type { FromSchema } from 'json-schema-to-ts';
import { OPERATOR_ROLES } from '../model/measurement.js';
import type { ResolverName } from '../model/resolver.js';
import { policySchema } from './policy-schema.js';

const routeSchema = { type: 'string', minLength: 1, allowed: 'the name of a webhook' } as const;

export const operatorSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'One operator of the topology.',
  required: ['name'],
  properties: {
    name: { type: 'string', minLength: 1, description: 'Name; unique in the topology.' },
    match: {
      type: 'string',
      minLength: 1,
      allowed: 'a regular expression',
      defaultText: 'equal to name',
      description: 'Regular expression (RE2) that matches the whole operator label.',
    },
    role: {
      enum: OPERATOR_ROLES,
      defaultText: '`source` if others have inputs and this has none, else `inner`',
      description: 'Whether it reads from outside.',
    },
    inputs: {
      type: 'array',
      items: { type: 'string', minLength: 1, description: "An operator's name." },
      defaultText: "not known, or read from Flink's JobManager",
      description:
        'Names of the operators that feed it. A webhook of type `flink` tells them where no operator gives any.',
    },
    may_finish: {
      type: 'boolean',
      default: false,
      description:
        'Whether it may end before the topology does, as a bounded source: without series it is then gone, not missing.',
    },
    min_parallelism: {
      type: 'integer',
      minimum: 1,
      defaultText: "the policy's",
      description: 'Smallest parallelism ever asked for.',
    },
    max_parallelism: {
      type: 'integer',
      minimum: 1,
      defaultText: "the policy's",
      description: 'Largest parallelism ever asked for.',
    },
  },
} as const;

export const topologySchema = {
  type: 'object',
  additionalProperties: false,
  description: 'A topology to look after, or a pattern that discovers several.',
  required: ['engine'],
  properties: {
    name: { type: 'string', minLength: 1, description: 'Name; unique.' },
    discover: {
      type: 'string',
      minLength: 1,
      allowed: 'a regular expression',
      description:
        'Instead of `name`: every other topology of the engine whose label value this regular expression (RE2) matches as a whole.',
    },
    label_value: {
      type: 'string',
      minLength: 1,
      defaultText: 'equal to name',
      description: "Value of the engine's topology label.",
    },
    engine: { type: 'string', minLength: 1, description: 'Name of a built-in engine or of one under `engines`.' },
    webhook: {
      type: ['string', 'object', 'null'],
      minLength: 1,
      allowed: 'the name of a webhook or a map from resolvers to names',
      additionalProperties: false,
      default: null,
      description:
        'A name serves `scale_up` and `scale_down`; null: recommend only. A map says which webhook serves which resolver.',
      properties: {
        scale_up: { ...routeSchema, description: 'Webhook that scales up.' },
        scale_down: { ...routeSchema, description: 'Webhook that scales down.' },
        restart_instances: { ...routeSchema, description: 'Webhook that restarts operator instances.' },
        rebalance: { ...routeSchema, description: "Webhook that redistributes an operator's load." },
      } satisfies Record<ResolverName, unknown>,
    },
    graph: {
      type: ['string', 'null'],
      minLength: 1,
      allowed: 'the name of a webhook',
      defaultText: 'the webhook that scales, where it is of type `flink`',
      description:
        'Webhook of type `flink` whose JobManager is asked for the graph and how its vertices run, and is not called for anything else: without a webhook that scales, or beside one that cannot tell.',
    },
    operators: {
      type: 'array',
      minItems: 1,
      items: operatorSchema,
      defaultText: 'discovered from the series',
      description: 'The operators, and which feeds which.',
    },
    policy: { ...policySchema, description: "The topology's own policy settings.", default: {} },
  },
} as const;

export type OperatorEntry = FromSchema<typeof operatorSchema, { keepDefaultedPropertiesOptional: true }>;
export type TopologyEntry = FromSchema<typeof topologySchema, { keepDefaultedPropertiesOptional: true }>;
