import t from 'tap';
import { webhookSchema } from '../../src/config/webhook-schema.js';
import { RESOLVERS } from '../../src/model/resolver.js';
import { PLAIN_HTTP } from '../../src/outbound/http-config.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { WEBHOOK_TYPE_NAMES, webhookTypeOf } from '../../src/webhooks/webhook-types.js';

const COMMON = ['type', 'url', 'timeout', 'max_attempts', 'expires_after', 'http_config'];
const keysOf = (type: (typeof WEBHOOK_TYPE_NAMES)[number]): string[] => {
  const { requestKeys, secretKeys } = webhookTypeOf({ type });
  return [...Object.keys(requestKeys), ...Object.keys(secretKeys)];
};

void t.test('an entry has the common keys and those of one type', (t) => {
  const keys = [...COMMON, ...WEBHOOK_TYPE_NAMES.flatMap(keysOf)];
  t.equal(new Set(keys).size, keys.length, 'no two types have the same key');
  t.strictSame(Object.keys(webhookSchema.properties).sort(), keys.sort());
  t.end();
});

void t.test('the settings of an entry have its type, and its texts refer to existing keys and resolvers', (t) => {
  const common = { name: 'a', timeoutMs: 1, maxAttempts: 1, expiresAfterMs: 1, http: PLAIN_HTTP };
  for (const type of WEBHOOK_TYPE_NAMES) {
    const brought = webhookTypeOf({ type });
    const { engines, unserved, otherKeys } = brought;
    t.match(brought.settingsOf(common, { url: 'http://127.0.0.1' }), { ...common, type }, type);
    for (const engine of engines.foreign) t.ok(Object.hasOwn(BUILT_IN_ENGINES, engine), `${type}: ${engine}`);
    for (const resolver of Object.keys(unserved)) t.ok((RESOLVERS as readonly string[]).includes(resolver), resolver);
    const foreignKeys = WEBHOOK_TYPE_NAMES.filter((other) => other !== type).flatMap(keysOf);
    for (const key of Object.keys(otherKeys.instead)) t.ok(foreignKeys.includes(key), `${type}: ${key}`);
  }
  t.end();
});
