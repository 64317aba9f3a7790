// An entry under `webhooks:`: keys of every type, and keys that the types bring. webhook-checks.ts checks which go together.
import type { FromSchema } from 'json-schema-to-ts';
import { httpConfigSchema } from '../grammar/http-config-schema.js';
import { durationType } from '../grammar/schema-types.js';
import {
  DEFAULT_WEBHOOK_TYPE,
  REQUEST_KEYS,
  SECRET_KEYS,
  WEBHOOK_TYPE_NAMES,
  webhookTypeOf,
  type WebhookTypeName,
} from '../webhooks/webhook-types.js';

const OWN_KEYS: readonly string[] = [...Object.keys(REQUEST_KEYS), ...Object.keys(SECRET_KEYS)];

/** Keys of other types, which have no meaning for this one. */
export function otherKeysOf(type: WebhookTypeName): readonly string[] {
  const { requestKeys, secretKeys } = webhookTypeOf({ type });
  return OWN_KEYS.filter((key) => !Object.hasOwn(requestKeys, key) && !Object.hasOwn(secretKeys, key));
}

/** `generic`: an HTTP call that you define. `flink`: … */
function describeTypes(): string {
  const sentences = WEBHOOK_TYPE_NAMES.map((type) => {
    const others = otherKeysOf(type).map((key) => `\`${key}\``);
    const none = others.length === 0 ? '' : `, which takes none of ${others.join(', ')}`;
    return `\`${type}\`: ${webhookTypeOf({ type }).description}${none}.`;
  });
  return sentences.join(' ');
}

/** The default meaning of a key, and the meaning for each type that differs. */
function describeMeanings(key: 'url' | 'timeout'): string {
  const meanings = WEBHOOK_TYPE_NAMES.flatMap((type) => {
    const meaning = webhookTypeOf({ type }).meanings[key];
    if (meaning === undefined) return [];
    return [type === DEFAULT_WEBHOOK_TYPE ? meaning : `for \`${type}\` ${meaning}`];
  });
  return `${meanings.join('; ')}.`;
}

export const webhookSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'Something that carries out actions when called.',
  required: ['url'],
  properties: {
    type: { enum: WEBHOOK_TYPE_NAMES, default: DEFAULT_WEBHOOK_TYPE, description: describeTypes() },
    url: {
      type: 'string',
      minLength: 1,
      allowed: 'an http or https URL',
      description: `Where to call. ${describeMeanings('url')}`,
    },
    ...REQUEST_KEYS,
    timeout: {
      ...durationType,
      duration: { minimum: '1ms', maximum: '10m' },
      default: '10s',
      description: describeMeanings('timeout'),
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
    ...SECRET_KEYS,
    http_config: httpConfigSchema,
  },
} as const;

export type WebhookEntry = FromSchema<typeof webhookSchema, { keepDefaultedPropertiesOptional: true }>;
