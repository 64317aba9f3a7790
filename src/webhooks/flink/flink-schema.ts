// The key that only an entry of type flink has.
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
      'Hosts that the labels in `url` may lead to, each a whole name; `*` is one part of it: `*.flink.svc`. Needed where `url` has labels, and only there.',
  },
} as const;

interface FlinkEntrySchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly required: readonly ['url'];
  readonly properties: { readonly url: { readonly type: 'string' } } & typeof flinkRequestKeys;
}

export type FlinkEntry = FromSchema<FlinkEntrySchema, { keepDefaultedPropertiesOptional: true }>;
