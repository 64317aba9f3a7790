// An entry under `webhooks:`. Which keys go with which type: webhook-checks.ts.
import type { FromSchema } from 'json-schema-to-ts';
import { httpConfigSchema } from '../grammar/http-config-schema.js';
import { durationType, headerNameSchema, headerValueSchema, optionalFileSchema } from '../grammar/schema-types.js';

export const WEBHOOK_TYPES = ['generic', 'flink'] as const;

export const webhookSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'Something that carries out actions when called.',
  required: ['url'],
  properties: {
    type: {
      enum: WEBHOOK_TYPES,
      default: 'generic',
      description:
        "`generic`: an HTTP call of yours. `flink`: Flink's own REST API (1.18 or newer, `jobmanager.scheduler: adaptive`), which takes none of `method`, `headers`, `body`, `signing_secret_file`.",
    },
    url: {
      type: 'string',
      minLength: 1,
      allowed: 'an http or https URL',
      description:
        "Where to call. Path and query may be Liquid templates, the values are encoded; for `flink` the JobManager's plain address, whose path prefix is kept.",
    },
    method: { enum: ['POST', 'PUT', 'PATCH'], default: 'POST', description: 'HTTP method.' },
    headers: {
      type: 'object',
      propertyNames: headerNameSchema,
      additionalProperties: headerValueSchema,
      default: {},
      description: 'More headers. No secrets: those belong in `http_config`, as files.',
    },
    body: {
      type: ['string', 'null'],
      minLength: 1,
      allowed: 'a Liquid template',
      default: null,
      description: 'Liquid template of the body over the fields of the JSON document; null: that document itself.',
    },
    timeout: {
      ...durationType,
      duration: { minimum: '1ms', maximum: '10m' },
      default: '10s',
      description: 'For one call, connecting included; for `flink` the requests of one attempt together.',
    },
    max_attempts: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 5,
      description: 'Calls for one action, the first included.',
    },
    expires_after: {
      ...durationType,
      duration: { minimum: '1s', maximum: '1d' },
      default: '5m',
      description: 'A call is not repeated after this time.',
    },
    signing_secret_file: {
      ...optionalFileSchema,
      default: null,
      description: 'File with a Standard Webhooks secret, `whsec_` and base64; calls are signed if it is given.',
    },
    http_config: httpConfigSchema,
  },
} as const;

export type WebhookEntry = FromSchema<typeof webhookSchema, { keepDefaultedPropertiesOptional: true }>;
