// The keys of entries of type generic alone.
import type { FromSchema } from 'json-schema-to-ts';
import { headerNameSchema, headerValueSchema, optionalFileSchema } from '../../grammar/schema-types.js';

export const genericRequestKeys = {
  method: { enum: ['POST', 'PUT', 'PATCH'], default: 'POST', description: 'HTTP method.' },
  headers: {
    type: 'object',
    propertyNames: headerNameSchema,
    additionalProperties: headerValueSchema,
    default: {},
    description: 'Additional headers. Secrets belong in `http_config`, as files.',
  },
  body: {
    type: ['string', 'null'],
    minLength: 1,
    allowed: 'a Liquid template',
    default: null,
    description: 'Liquid template of the body, with the fields of the JSON document; null: the document itself.',
  },
} as const;

export const genericSecretKeys = {
  signing_secret_file: {
    ...optionalFileSchema,
    default: null,
    description: 'File with a Standard Webhooks secret, `whsec_` and base64; with it, calls are signed.',
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
