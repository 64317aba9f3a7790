// The key of entries of type flink alone.
import type { FromSchema } from 'json-schema-to-ts';

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
