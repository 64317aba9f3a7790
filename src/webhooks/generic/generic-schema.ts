// The keys that only an entry of type generic has.
import type { FromSchema } from 'json-schema-to-ts';
import { headerNameSchema, headerValueSchema, optionalFileSchema } from '../../grammar/schema-types.js';

export const genericRequestKeys = {
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
} as const;

export const genericSecretKeys = {
  signing_secret_file: {
    ...optionalFileSchema,
    default: null,
    description: 'File with a Standard Webhooks secret, `whsec_` and base64; calls are signed if it is given.',
  },
} as const;

interface GenericEntrySchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly required: readonly ['url'];
  readonly properties: { readonly url: { readonly type: 'string' } } & typeof genericRequestKeys &
    typeof genericSecretKeys;
}

export type GenericEntry = FromSchema<GenericEntrySchema, { keepDefaultedPropertiesOptional: true }>;
