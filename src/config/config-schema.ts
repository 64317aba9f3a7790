// The grammar of the configuration file, as JSON Schema: the one source of its types, defaults, faults and reference table.
// The *-checks.ts files check what a schema cannot express: names that must exist, bounds that must agree.
import type { FromSchema } from 'json-schema-to-ts';
import { engineSchema } from './engine-schema.js';
import { httpConfigSchema } from '../grammar/http-config-schema.js';
import { policySchema } from './policy-schema.js';
import { durationType, nameSchema, optionalFileSchema } from '../grammar/schema-types.js';
import { topologySchema } from './topology-schema.js';
import { webhookSchema } from './webhook-schema.js';

const optionalAddressSchema = {
  type: ['string', 'null'],
  minLength: 1,
  allowed: 'an http or https URL',
  default: null,
} as const;

export const prometheusSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'Where measurements come from.',
  required: ['url'],
  properties: {
    url: {
      type: 'string',
      minLength: 1,
      allowed: 'an http or https URL',
      description: 'Prometheus or what speaks its API (Mimir, Thanos, VictoriaMetrics); a path prefix is kept.',
    },
    external_url: {
      ...optionalAddressSchema,
      description:
        'Where browsers reach it, as its own `--web.external-url` says: the status page links numbers to their PromQL there. null: no links.',
    },
    timeout: {
      ...durationType,
      duration: { minimum: '1ms', maximum: '10m' },
      default: '30s',
      description: 'For one query.',
    },
    method: { enum: ['GET', 'POST'], default: 'POST', description: 'HTTP method of queries.' },
    query_params: {
      type: 'object',
      additionalProperties: { type: 'string' },
      default: {},
      description: 'More parameters of every query, such as `{partial_response: "false"}`.',
    },
    own_matchers: {
      type: 'string',
      default: '',
      description:
        'Label matchers of the series that Prometheus scrapes of this Dhalion and its replicas, such as `job="dhalion",cluster="prod"`: to be given where it has those of other Dhalions too.',
    },
    http_config: httpConfigSchema,
  },
} as const;

export const storageSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'The action log.',
  default: {},
  properties: {
    path: {
      type: 'string',
      minLength: 1,
      default: './data',
      description: 'Folder of the embedded SQLite database, relative to the working directory.',
    },
    postgres_url_file: {
      ...optionalFileSchema,
      default: null,
      description:
        'File with the URL of a PostgreSQL database, `postgresql://user:password@host:5432/database`, that several replicas share; `path` is then not used. Read again after faults of the connection.',
    },
    retention: {
      ...durationType,
      duration: { minimum: '1h' },
      default: '90d',
      description: 'How long actions and decisions are kept.',
    },
  },
} as const;

export const limitsSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'Brakes for all topologies together.',
  default: {},
  properties: {
    max_open_actions: { type: 'integer', minimum: 1, default: 10, description: 'Actions not judged yet, at once.' },
    max_actions_per_hour: { type: 'integer', minimum: 1, default: 60, description: 'Actions in any hour.' },
    max_scale_down_share: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: 0.3,
      description: 'If a larger share of (at least 5) topologies asks to scale down at once, none does.',
    },
  },
} as const;

export const alertsSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'Which alerts are diagnoses of Dhalion.',
  default: {},
  properties: {
    alertname: {
      type: 'string',
      minLength: 1,
      allowed: 'a regular expression',
      default: 'Dhalion.+',
      description:
        'Regular expression (RE2) that matches the whole name of what is acted on. Any other alert is ignored and counted.',
    },
  },
} as const;

export const configSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'The configuration file.',
  required: ['prometheus', 'topologies'],
  properties: {
    prometheus: prometheusSchema,
    evaluation_interval: {
      ...durationType,
      duration: { minimum: '1s', maximum: '1d' },
      default: '5m',
      description: 'How often every topology is evaluated; the first time at startup.',
    },
    window: {
      ...durationType,
      duration: { minimum: '1s', maximum: '1d' },
      defaultText: 'evaluation_interval',
      description: 'Range that the sensors aggregate over; at least three times the resolution.',
    },
    storage: storageSchema,
    limits: limitsSchema,
    alerts: alertsSchema,
    alertmanager_url: {
      ...optionalAddressSchema,
      description:
        'Where browsers reach Alertmanager, as its `--web.external-url` says: the status page links operators to their alerts there. null: no links.',
    },
    grafana_url: {
      ...optionalAddressSchema,
      description:
        'Where browsers reach the Grafana that has the dashboards of this project: the status page links numbers to their panels there. null: no links.',
    },
    policy: { ...policySchema, description: 'Policy settings of every topology.', default: {} },
    webhooks: {
      type: 'object',
      propertyNames: nameSchema,
      additionalProperties: webhookSchema,
      default: {},
      description: 'What carries out actions, by name.',
    },
    engines: {
      type: 'object',
      propertyNames: nameSchema,
      additionalProperties: engineSchema,
      default: {},
      description: 'Changes to the built-in engines `flink`, `heron` and `recorded`, and further engines, by name.',
    },
    topologies: {
      type: 'array',
      minItems: 1,
      items: topologySchema,
      description: 'What to look after.',
    },
  },
} as const;

/** The file's content once it has no faults: keys as written, defaults not yet filled in. */
export type ConfigurationFile = FromSchema<typeof configSchema, { keepDefaultedPropertiesOptional: true }>;
export type PrometheusSection = ConfigurationFile['prometheus'];
