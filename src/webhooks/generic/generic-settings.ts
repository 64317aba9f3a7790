// The keys of entries of type generic alone, and the settings that they are parsed to.
import type { FromSchema } from 'json-schema-to-ts';
import { headerNameSchema, headerValueSchema, optionalFileSchema } from '../../grammar/schema-types.js';
import type { CommonWebhookSettings } from '../webhook-type.js';

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

export interface GenericWebhookSettings extends CommonWebhookSettings {
  readonly type: 'generic';
  /** Path and query may be Liquid templates. */
  readonly url: string;
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly headers: Readonly<Record<string, string>>;
  /** Liquid template over the JSON body; null: the JSON itself. */
  readonly body: string | null;
  readonly signingSecretFile: string | null;
}

export function genericSettingsOf(common: CommonWebhookSettings, entry: GenericEntry): GenericWebhookSettings {
  return {
    ...common,
    type: 'generic',
    url: entry.url,
    method: entry.method ?? genericRequestKeys.method.default,
    headers: entry.headers ?? genericRequestKeys.headers.default,
    body: entry.body ?? genericRequestKeys.body.default,
    signingSecretFile: entry.signing_secret_file ?? genericSecretKeys.signing_secret_file.default,
  };
}
