// The keys of entries of type flink alone, and the settings that they are parsed to.
import type { FromSchema } from 'json-schema-to-ts';
import type { CommonWebhookSettings } from '../webhook-type.js';

export const flinkRequestKeys = {
  allowed_hosts: {
    type: 'array',
    minItems: 1,
    items: {
      type: 'string',
      pattern: '^(\\*\\.)*[a-z0-9.-]+$',
      allowed: 'a host name in lower case, or one that begins with *.',
    },
    description:
      'Allowed hosts if `url` has labels, each a whole name; `*` is one part of it: `*.flink.svc`. Required with labels, and only then.',
  },
} as const;

interface FlinkEntrySchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly required: readonly ['url'];
  readonly properties: { readonly url: { readonly type: 'string' } } & typeof flinkRequestKeys;
}

export type FlinkEntry = FromSchema<FlinkEntrySchema, { keepDefaultedPropertiesOptional: true }>;

export interface FlinkWebhookSettings extends CommonWebhookSettings {
  readonly type: 'flink';
  /** The JobManager's address with its path prefix, without a trailing slash; the host may have labels (flink-url.ts). */
  readonly url: string;
  /** Patterns of allowed hosts; only if the URL has labels. */
  readonly allowedHosts?: readonly string[];
}

export function flinkSettingsOf(common: CommonWebhookSettings, entry: FlinkEntry): FlinkWebhookSettings {
  const { url, allowed_hosts: allowedHosts } = entry;
  return {
    ...common,
    type: 'flink',
    url: url.replace(/\/+$/, ''),
    ...(allowedHosts === undefined ? {} : { allowedHosts }),
  };
}
