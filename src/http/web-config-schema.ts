// The schema of the file of --web.config.file: the supported part of the format of Prometheus' exporter-toolkit, and
// bearer_token_files. Secrets are in separate files; passwords are bcrypt hashes.
import type { FromSchema } from 'json-schema-to-ts';
import { fileSchema } from '../grammar/schema-types.js';

/** Whether a client may, must not, or must send a certificate, and whether the client CA must have signed it. */
export const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
export type ClientAuthType = (typeof CLIENT_AUTH_TYPES)[number];

export const TLS_VERSIONS = ['TLS12', 'TLS13'] as const;

/** OpenSSL's names by IANA's; null: a suite of TLS 1.3, where all three are always on. */
export const CIPHER_SUITES = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_AES_128_GCM_SHA256: null,
  TLS_AES_256_GCM_SHA384: null,
  TLS_CHACHA20_POLY1305_SHA256: null,
} as const;
export type CipherSuite = keyof typeof CIPHER_SUITES;
const CIPHER_SUITE_NAMES = Object.keys(CIPHER_SUITES) as CipherSuite[];

/** Last characters whose unused bits of salt and checksum are 0; with others no password would ever match. */
const bcryptHashSchema = {
  type: 'string',
  pattern: '^\\$2[aby]\\$(0[4-9]|1[0-7])\\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$',
  allowed: 'a bcrypt hash of cost 4 to 17 (htpasswd -nBC 10 makes one)',
} as const;

const userNameSchema = {
  type: 'string',
  pattern: '^[^:\\x00-\\x1f\\x7f]+$',
  allowed: 'a user name without colon or control characters',
} as const;

const headerTextSchema = {
  type: 'string',
  pattern: '^[\\t\\x20-\\x7e]*$',
  allowed: 'a header value: one line of ASCII text',
} as const;

const tlsServerConfigSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'Serve HTTPS. Certificates are read again at the next connection after a change.',
  required: ['cert_file', 'key_file'],
  properties: {
    cert_file: { ...fileSchema, description: "The server's certificate, and the intermediate ones after it (PEM)." },
    key_file: { ...fileSchema, description: "The certificate's key (PEM)." },
    client_auth_type: {
      enum: CLIENT_AUTH_TYPES,
      default: 'NoClientCert',
      description:
        'Requirements for client certificates; only `RequireAndVerifyClientCert` makes certificates credentials. A change requires a restart.',
    },
    client_ca_file: {
      ...fileSchema,
      description: 'CA certificates for client certificates (PEM).',
    },
    min_version: { enum: TLS_VERSIONS, default: 'TLS12', description: 'Oldest TLS version spoken.' },
    max_version: { enum: TLS_VERSIONS, default: 'TLS13', description: 'Newest TLS version spoken.' },
    cipher_suites: {
      type: 'array',
      items: { enum: CIPHER_SUITE_NAMES },
      default: [],
      description: "Suites of TLS 1.2, in order of preference, by IANA's names; empty: Node's default.",
    },
  },
} as const;

const httpServerConfigSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'Details of HTTP.',
  properties: {
    http2: {
      type: 'boolean',
      default: false,
      description: 'Accepted for compatibility with other servers, and ignored: Dhalion speaks HTTP/1.1.',
    },
    headers: {
      type: 'object',
      additionalProperties: false,
      description: "Headers of every answer, instead of Dhalion's own; blank: not set.",
      properties: {
        'Content-Security-Policy': { ...headerTextSchema, description: 'Content-Security-Policy.' },
        'X-Frame-Options': {
          type: 'string',
          pattern: '^(deny|sameorigin)?$',
          allowed: 'deny or sameorigin',
          description: 'Who may show the pages in a frame.',
        },
        'X-Content-Type-Options': {
          type: 'string',
          pattern: '^(nosniff)?$',
          allowed: 'nosniff',
          description: 'Keeps browsers from guessing types.',
        },
        'X-XSS-Protection': { ...headerTextSchema, description: 'For very old browsers.' },
        'Strict-Transport-Security': { ...headerTextSchema, description: 'Makes browsers insist on HTTPS.' },
      },
    },
  },
} as const;

export const webConfigSchema = {
  type: 'object',
  additionalProperties: false,
  description:
    'The file that `--web.config.file` names. File names in it are relative to its folder. Dhalion reads it again after a change.',
  properties: {
    tls_server_config: tlsServerConfigSchema,
    http_server_config: httpServerConfigSchema,
    basic_auth_users: {
      type: 'object',
      propertyNames: userNameSchema,
      additionalProperties: bcryptHashSchema,
      default: {},
      description: 'Users of HTTP basic authentication, each with the bcrypt hash of the password.',
    },
    bearer_token_files: {
      type: 'array',
      items: fileSchema,
      default: [],
      description: 'Files with one bearer token each; any of the tokens is accepted.',
    },
  },
} as const;

export type WebConfigFile = FromSchema<typeof webConfigSchema, { keepDefaultedPropertiesOptional: true }>;
