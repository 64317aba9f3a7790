// Authentication and TLS for an external HTTP service: the supported subset of Prometheus' http_config, with the same names.
// Secrets only as files.
import type { FromSchema } from 'json-schema-to-ts';
import { fileSchema, headerNameSchema, headerValueSchema } from './schema-types.js';

export const httpConfigSchema = {
  type: 'object',
  additionalProperties: false,
  description: "Authentication and TLS, as in Prometheus' `http_config`.",
  default: {},
  properties: {
    basic_auth: {
      type: 'object',
      additionalProperties: false,
      description: 'HTTP basic authentication.',
      required: ['username', 'password_file'],
      properties: {
        username: { type: 'string', description: 'User name.' },
        password_file: { ...fileSchema, description: 'File that holds the password; read again on each use.' },
      },
    },
    authorization: {
      type: 'object',
      additionalProperties: false,
      description: 'The `Authorization` header; instead of `basic_auth`.',
      required: ['credentials_file'],
      properties: {
        type: {
          type: 'string',
          pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
          allowed: 'an authentication scheme',
          default: 'Bearer',
          description: 'Authentication scheme.',
        },
        credentials_file: { ...fileSchema, description: 'File that holds the credentials; read again on each use.' },
      },
    },
    tls_config: {
      type: 'object',
      additionalProperties: false,
      description: 'Verification of the server, and the client certificate.',
      properties: {
        ca_file: { ...fileSchema, description: 'CA certificates to trust instead of the usual ones.' },
        cert_file: { ...fileSchema, description: 'Client certificate.' },
        key_file: { ...fileSchema, description: "The client certificate's key." },
        server_name: { type: 'string', minLength: 1, description: "Name expected in the server's certificate." },
        insecure_skip_verify: {
          type: 'boolean',
          default: false,
          description: 'True: any server certificate is accepted.',
        },
      },
    },
    http_headers: {
      type: 'object',
      description: 'Additional headers: `NAME: value` or `NAME: {values: [value, …]}`.',
      propertyNames: headerNameSchema,
      additionalProperties: {
        type: ['string', 'object'],
        pattern: headerValueSchema.pattern,
        allowed: 'a header value or a map with values',
        additionalProperties: false,
        required: ['values'],
        properties: {
          values: {
            type: 'array',
            minItems: 1,
            items: headerValueSchema,
            description: 'Values, sent joined by commas.',
          },
        },
      },
    },
  },
} as const;

export type HttpConfigEntry = FromSchema<typeof httpConfigSchema, { keepDefaultedPropertiesOptional: true }>;
